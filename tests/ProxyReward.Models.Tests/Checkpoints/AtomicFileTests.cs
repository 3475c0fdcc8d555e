using ProxyReward.Models.Checkpoints;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_a_kill_left_half_written_is_written_over_and_gone()
    {
        File.WriteAllText(Path + ".partial", "a longer text than the one that comes after it");
        AtomicFile.Write(Path, file => file.Write("whole"u8));
        Assert.Equal([Path], Directory.GetFiles(folder.Path));
        Assert.Equal("whole", File.ReadAllText(Path));
    }

    [Fact]
    public void What_fails_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(Path, "old");
        Assert.Throws<IOException>(() => AtomicFile.Write(Path, file =>
        {
            file.Write("ne"u8);
            throw new IOException("disk full");
        }));
        Assert.Equal([Path], Directory.GetFiles(folder.Path));
        Assert.Equal("old", File.ReadAllText(Path));
    }

    [Fact]
    public void The_second_of_two_writers_fails_and_the_first_one_goes_on()
    {
        AtomicFile.Write(Path, file =>
        {
            Assert.Throws<IOException>(() => AtomicFile.Write(Path, _ => { }));
            file.Write("first"u8);
        });
        Assert.Equal("first", File.ReadAllText(Path));
    }

    private string Path => System.IO.Path.Combine(folder.Path, "file");
}
