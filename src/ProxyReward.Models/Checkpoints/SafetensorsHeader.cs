using System.Buffers.Binary;
using System.Text.Json;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Checkpoints;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Type">How each number is stored, little-endian.</param>
/// <param name="Shape">Row-major, outermost dimension first.</param>
/// <param name="Elements">Product of the shape.</param>
/// <param name="Offset">Of its first byte in the file.</param>
internal sealed record SafetensorsEntry(SafetensorsType Type, long[] Shape, long Elements, long Offset);

/// <summary>
/// The header of a safetensors file: eight bytes of length, a JSON object, then the numbers without gaps
/// (https://github.com/huggingface/safetensors#format). Checked here in full, so that nothing read later can lie outside the file.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The format's own limit.</summary>
    public const int MaxBytes = 100_000_000;

    public static Dictionary<string, SafetensorsEntry> Read(MappedFile file)
    {
        if (file.Length < 8)
        {
            throw new RequestException($"{file.Path}: {file.Length} bytes are too few for a safetensors file; {Mend(file)}.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes(0, 8));
        if (length > MaxBytes || (long)length > file.Length - 8)
        {
            throw new RequestException($"{file.Path}: the header claims {length} bytes, the file has {file.Length} and the format allows {MaxBytes}; {Mend(file)}.");
        }

        using var header = JsonFile.ParseObject(file.Bytes(8, (int)length).ToArray(), $"{file.Path}, header");
        var start = 8 + (long)length;
        var entries = new Dictionary<string, SafetensorsEntry>();
        foreach (var property in header.RootElement.EnumerateObject())
        {
            try
            {
                if (property.Name != "__metadata__")
                {
                    entries.Add(property.Name, ReadEntry(property.Value, start, file));
                }
            }
            catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException or KeyNotFoundException)
            {
                throw new RequestException($"{file.Path}, header, {property}: not a tensor's dtype, shape and data_offsets ({e.Message}); {Mend(file)}.", e);
            }
        }

        CheckGapless(entries, start, file);
        return entries;
    }

    private static string Mend(MappedFile file) => $"the file is damaged or cut short: {DamagedFile.Mend(file.Path)}";

    private static SafetensorsEntry ReadEntry(JsonElement json, long start, MappedFile file)
    {
        var typeName = json.GetProperty("dtype").GetString();
        if (!Enum.TryParse<SafetensorsType>(typeName, out var type) || type.ToString() != typeName)
        {
            throw new FormatException($"number type '{typeName}' is not known; {string.Join(", ", Enum.GetNames<SafetensorsType>())} are");
        }

        var shape = json.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
        var elements = 1L;
        foreach (var size in shape)
        {
            elements = checked(elements * (size >= 0 ? size : throw new FormatException($"size {size} in its shape")));
        }

        var offsets = json.GetProperty("data_offsets");
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        var space = file.Length - start;
        if (offsets.GetArrayLength() != 2 || begin < 0 || end < begin || end > space)
        {
            throw new FormatException($"data_offsets [{begin}, {end}] do not lie in its {space} bytes of data");
        }

        return end - begin == checked(elements * type.Bytes())
            ? new SafetensorsEntry(type, shape, elements, start + begin)
            : throw new FormatException($"{end - begin} bytes do not hold shape [{string.Join(", ", shape)}] of {type}");
    }

    // Overlaps would let one tensor alias another, gaps hide bytes: the format forbids both.
    private static void CheckGapless(Dictionary<string, SafetensorsEntry> entries, long start, MappedFile file)
    {
        var expected = start;
        foreach (var (name, entry) in entries.OrderBy(e => e.Value.Offset).ThenBy(e => e.Value.Elements))
        {
            if (entry.Offset != expected)
            {
                var what = entry.Offset < expected ? "overlaps the tensor before it" : "leaves a gap before it";
                throw new RequestException($"{file.Path}, header, {name}: {what} (byte {entry.Offset - start} of the data, {expected - start} expected); {Mend(file)}.");
            }

            expected += entry.Elements * entry.Type.Bytes();
        }

        if (expected != file.Length)
        {
            throw new RequestException($"{file.Path}: {file.Length - expected} bytes after the last tensor belong to none; {Mend(file)}.");
        }
    }
}
