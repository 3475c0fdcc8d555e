using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace ProxyReward.Runs.Trainings;

/// <summary>Numbers of one step, under the tags that TensorBoard shows.</summary>
internal sealed record LogEvent(int Step, IReadOnlyList<(string Tag, double Value)> Values)
{
    /// <summary>All numbers of a log line but its step; tags as transformers writes them: train/loss, eval/rewards/chosen.</summary>
    public static LogEvent Of(string group, object line)
    {
        var json = JsonSerializer.SerializeToElement(line, line.GetType(), Json.Line);
        return new(
            json.GetProperty("step").GetInt32(),
            [.. json.EnumerateObject().Where(value => value.Name != "step").Select(value => ($"{group}/{WithoutPrefix(value.Name)}", value.Value.GetDouble()))]);
    }

    private static string WithoutPrefix(string name) => name.StartsWith("eval_", StringComparison.Ordinal) ? name["eval_".Length..] : name;
}

/// <summary>
/// A TensorBoard event file: TFRecords (length, masked CRC-32C of the length, data, masked CRC-32C of the data) that hold Event messages
/// (tensorflow/core/util/event.proto). Grows by one record for each line of the logs; what a kill tore is cut and written anew.
/// </summary>
internal sealed class EventFile(IRunStore store, string name, TimeProvider time)
{
    /// <summary>TensorBoard looks for "tfevents" in a file's name.</summary>
    public const string Name = "events.out.tfevents.proxyreward";

    private const string Version = "brain.Event:2";
    private const int Header = 12, Footer = 4;

    /// <summary>Makes the file hold the events that were logged, no more and no less; what it holds already keeps its time.</summary>
    public void Resume(IReadOnlyList<LogEvent> logged)
    {
        var bytes = store.Read(name);
        int end = 0, records = 0;
        while (records < logged.Count + 1 && Length(bytes.AsSpan(end)) is { } length)
        {
            (end, records) = (end + length, records + 1);
        }

        if (end != bytes.Length)
        {
            store.Cut(name, end);
        }

        byte[] missing = [.. records == 0 ? Record(Event(0, version: true)) : [], .. logged.Skip(Math.Max(0, records - 1)).SelectMany(e => Record(Event(e.Step, values: e.Values)))];
        if (missing.Length > 0)
        {
            store.Append(name, missing);
        }
    }

    /// <summary>Adds an event.</summary>
    public void Add(LogEvent added) => store.Append(name, Record(Event(added.Step, values: added.Values)));

    /// <summary>CRC-32C, rotated and shifted so that a checksum of checksums stays one (tensorflow/core/lib/hash/crc32c.h).</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    // The bytes of a whole record at the start; null where there is none.
    private static int? Length(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Header + Footer || MaskedCrc(bytes[..8]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return length <= (ulong)(bytes.Length - Header - Footer)
            && MaskedCrc(bytes.Slice(Header, (int)length)) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[(Header + (int)length)..])
            ? Header + (int)length + Footer
            : null;
    }

    private static byte[] Record(byte[] data)
    {
        var record = new byte[Header + data.Length + Footer];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        data.CopyTo(record, Header);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(Header + data.Length), MaskedCrc(data));
        return record;
    }

    private byte[] Event(int step, bool version = false, IReadOnlyList<(string Tag, double Value)>? values = null)
    {
        var seconds = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        return
        [
            .. Fixed64(field: 1, BitConverter.DoubleToUInt64Bits(seconds)),
            .. Varint(field: 2, (uint)step),
            .. version ? Bytes(field: 3, Encoding.ASCII.GetBytes(Version)) : [],
            .. values is null ? [] : Bytes(field: 5, [.. values.SelectMany(value => Bytes(field: 1, Value(value.Tag, value.Value)))]),
        ];
    }

    private static byte[] Value(string tag, double value) =>
        [.. Bytes(field: 1, Encoding.UTF8.GetBytes(tag)), .. Fixed32(field: 2, BitConverter.SingleToUInt32Bits((float)value))];

    // Protocol Buffers' wire format: a key (field · 8 + type), then the value.
    private static byte[] Varint(int field, uint value) => [(byte)(field << 3), .. Varint(value)];

    private static byte[] Fixed64(int field, ulong value)
    {
        byte[] bytes = [(byte)((field << 3) | 1), 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }

    private static byte[] Fixed32(int field, uint value)
    {
        byte[] bytes = [(byte)((field << 3) | 5), 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }

    private static byte[] Bytes(int field, byte[] value) => [(byte)((field << 3) | 2), .. Varint((uint)value.Length), .. value];

    private static IEnumerable<byte> Varint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
