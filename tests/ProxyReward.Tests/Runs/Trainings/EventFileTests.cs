using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using ProxyReward.Runs;
using ProxyReward.Runs.Trainings;
using ProxyReward.Testing;

namespace ProxyReward.Tests.Runs.Trainings;

public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("123456789", 0xE3069283)] // the check value of CRC-32C
    [InlineData("", 0)]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0x8A9136AA)] // RFC 3720, B.4: 32 bytes of zeros
    public void Checksums_are_CRC_32C_rotated_by_15_plus_a_constant(string text, uint crc) =>
        Assert.Equal(unchecked(BitOperations.RotateRight(crc, 15) + 0xa282ead8u), EventFile.MaskedCrc(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_torn_end_is_cut_and_what_is_missing_is_added()
    {
        LogEvent[] all = [.. Enumerable.Range(1, 4).Select(step => new LogEvent(step, [("train/loss", 1.0 / step)]))];
        Events("whole").Resume(all);
        var whole = File.ReadAllBytes(folder["whole"]);
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(folder["torn"], whole[..length]);
            Events("torn").Resume(all);
            Assert.Equal(whole, File.ReadAllBytes(folder["torn"]));
        }
    }

    [Fact]
    public void Events_that_were_never_logged_are_cut()
    {
        LogEvent[] all = [.. Enumerable.Range(1, 4).Select(step => new LogEvent(step, [("train/loss", 1.0 / step)]))];
        Events("few").Resume(all[..2]);
        Events("many").Resume(all);
        Events("many").Resume(all[..2]);
        Assert.Equal(File.ReadAllBytes(folder["few"]), File.ReadAllBytes(folder["many"]));
    }

    [Fact]
    public void A_record_is_length_checksum_data_checksum()
    {
        var events = Events("one");
        events.Resume([]);
        events.Add(new(300, [("a", 0.5)]));
        var bytes = File.ReadAllBytes(folder["one"]);
        var at = 12 + (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes) + 4; // after the version
        // Event: wall_time (1, double) 2 s, step (2, varint) 300 = AC 02, summary (5) { value (1) { tag (1) "a", simple_value (2, float) 0.5 } }
        Assert.Equal("09-00-00-00-00-00-00-00-40-10-AC-02-2A-0A-0A-08-0A-01-61-15-00-00-00-3F", BitConverter.ToString(bytes, at + 12, bytes.Length - at - 16));
    }

    private EventFile Events(string name) => new(new RunFolder(folder.Path), name, new TwoSeconds());

    private sealed class TwoSeconds : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(2);
    }
}
