using System.Buffers.Binary;
using System.Text.Json;
using Tensorboard;

namespace ProxyReward.Cli.Tests.Trainings;

/// <summary>The event file of a training, read by a program that is not ours: the Event messages that TorchSharp brings.</summary>
public sealed class TensorBoardTests : IDisposable
{
    private readonly TrainingLab lab = new();

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task The_event_file_holds_every_number_of_the_logs()
    {
        Assert.Equal(0, await lab.TrainAsync("out", "--eval", lab.Eval));
        var events = Events(File.ReadAllBytes(lab["out/events.out.tfevents.proxyreward"])).ToList();
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.All(events, e => Assert.True(e.WallTime > 1.7e9, "seconds since 1970"));
        var there = events.Skip(1).SelectMany(e => e.Summary.Value.Select(value => (e.Step, value.Tag, value.SimpleValue))).ToList();
        var logged = Logged("training.jsonl", "train/").Concat(Logged("training-eval.jsonl", "eval/")).ToList();
        Assert.Equal(logged.Order(), there.Order());
        Assert.Contains((18L, "train/rewards/chosen"), there.Select(value => (value.Step, value.Tag)));
        Assert.Contains((18L, "eval/loss"), there.Select(value => (value.Step, value.Tag)));
        Assert.Equal(events.Select(e => e.Step), events.Select(e => e.Step).Order());
    }

    private IEnumerable<(long Step, string Tag, float Value)> Logged(string file, string group) =>
        File.ReadLines(lab[$"out/{file}"]).Select(line => JsonDocument.Parse(line).RootElement).SelectMany(line => line.EnumerateObject()
            .Where(value => value.Name != "step")
            .Select(value => (line.GetProperty("step").GetInt64(), group + value.Name.Replace("eval_", "", StringComparison.Ordinal), value.Value.GetSingle())));

    private static IEnumerable<Event> Events(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            Assert.Equal(Masked(file.AsSpan(at + 12, length)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            yield return Event.Parser.ParseFrom(file, at + 12, length);
            at += 16 + length;
        }
    }

    // Bit by bit, with the polynomial of Castagnoli.
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}
