using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Native;
using ProxyReward.Models.Optimization;
using ProxyReward.Testing;
using TorchSharp;

namespace ProxyReward.Models.Tests.Optimization;

public sealed class FlatBufferTests
{
    public FlatBufferTests() => NativeEngine.Load();

    [Theory]
    [InlineData(7, "a")]
    [InlineData(6, "a", "a.1")]
    [InlineData(3, "a", "a.1", "a.2")]
    public void A_buffer_is_one_tensor_or_as_many_as_its_numbers_need_and_reads_back(int atOnce, params string[] names)
    {
        using var folder = new TemporaryFolder();
        using var flat = torch.tensor([1f, 2, 3, 4, 5, 6, 7]);
        using var again = torch.zeros(7);
        SafetensorsWriter.WriteFile(folder["flat"], [.. FlatBuffer.ToWrite("a", flat, atOnce)], SafetensorsType.F32);
        using var source = SafetensorsFolder.Open(folder["flat"]);
        Assert.Equal(names, source.Shapes.Keys.Order(StringComparer.Ordinal));
        FlatBuffer.Read(source, "a", again, atOnce);
        Assert.Equal([1f, 2, 3, 4, 5, 6, 7], Rows.Floats(again).ToArray());
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(6, false)] // a whole tensor less
    [InlineData(8, false)]
    [InlineData(10, false)]
    public void A_buffer_of_another_size_is_not_in_the_file(long size, bool isIn)
    {
        using var folder = new TemporaryFolder();
        using var flat = torch.tensor([1f, 2, 3, 4, 5, 6, 7]);
        SafetensorsWriter.WriteFile(folder["flat"], [.. FlatBuffer.ToWrite("a", flat, atOnce: 3)], SafetensorsType.F32);
        using var source = SafetensorsFolder.Open(folder["flat"]);
        Assert.Equal(isIn, FlatBuffer.IsIn(source, "a", size, atOnce: 3));
    }
}
