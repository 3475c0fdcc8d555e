using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Checkpoints;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Hugging Face's name.</param>
/// <param name="Shape">Row-major, outermost dimension first.</param>
/// <param name="Read">Fills a span of as many elements as the tensor has; called once, in order, so that only one tensor is held at a time.</param>
public sealed record TensorToWrite(string Name, IReadOnlyList<long> Shape, TensorReader Read)
{
    /// <summary>Where the tensor lies in memory, so that no copy is made of it; null where only <see cref="Read"/> has it.</summary>
    internal TensorView? View { get; private init; }

    /// <summary>A tensor that lies in memory.</summary>
    internal static TensorToWrite Of(string name, IReadOnlyList<long> shape, TensorView view) => new(name, shape, span => view().CopyTo(span)) { View = view };

    /// <summary>A tensor as a source has it.</summary>
    public static TensorToWrite Of(ITensorSource source, string name) => new(name, source.Shapes[name], span => source.ReadFloat32(name, span));

    internal int Elements => checked((int)Shape.Aggregate(1L, (product, size) => checked(product * size)));
}

/// <summary>Fills <paramref name="destination"/> with a whole tensor, row-major.</summary>
public delegate void TensorReader(Span<float> destination);

/// <summary>A whole tensor in place, row-major.</summary>
internal delegate ReadOnlySpan<float> TensorView();

/// <summary>
/// Writes safetensors that transformers, PEFT, vLLM and llama.cpp's converter load. A file appears under its name only when it is whole.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Transformers' own limit for a shard.</summary>
    public const long DefaultShardBytes = 5_000_000_000;

    /// <summary>Numbers written at a time: their bytes are what an int counts, in tensors of any size.</summary>
    private const int Chunk = 1 << 20;

    /// <summary>
    /// Writes <c>model.safetensors</c>, or shards with an index where the tensors take more than <paramref name="shardBytes"/>,
    /// into a folder; weights that were there before are gone afterwards.
    /// </summary>
    /// <param name="type">F32, BF16 or F16; the last two round to nearest, ties to even.</param>
    public static void WriteFolder(
        string folder, IReadOnlyList<TensorToWrite> tensors, SafetensorsType type, long shardBytes = DefaultShardBytes)
    {
        Directory.CreateDirectory(folder);
        var shards = Split(tensors, type, shardBytes);
        var names = shards.Count == 1
            ? [SafetensorsIndex.SingleName]
            : Enumerable.Range(1, shards.Count).Select(i => $"model-{i:D5}-of-{shards.Count:D5}.safetensors").ToArray();
        File.Delete(Path.Combine(folder, SafetensorsIndex.IndexName)); // an old index must never speak for a mix of old and new shards
        foreach (var (name, shard) in names.Zip(shards))
        {
            WriteFile(Path.Combine(folder, name), shard, type);
        }

        RemoveOthers(folder, names);
        if (shards.Count > 1)
        {
            WriteIndex(folder, names, shards, type);
        }
    }

    /// <summary>Writes one file.</summary>
    /// <param name="path">Replaced where it exists.</param>
    /// <param name="tensors">In the order they are to lie in the file.</param>
    /// <param name="type">F32, BF16 or F16.</param>
    public static void WriteFile(string path, IReadOnlyList<TensorToWrite> tensors, SafetensorsType type)
    {
        if (type is not (SafetensorsType.F32 or SafetensorsType.BF16 or SafetensorsType.F16))
        {
            throw new RequestException($"{path}: checkpoints are written as F32, BF16 or F16, not {type}.");
        }

        AtomicFile.Write(path, file =>
        {
            file.Write(Header(tensors, type));
            var values = new float[tensors.Where(tensor => tensor.View is null).Select(tensor => tensor.Elements).DefaultIfEmpty().Max()];
            var narrow = type == SafetensorsType.F32 ? [] : new ushort[Chunk];
            foreach (var tensor in tensors)
            {
                for (var left = Numbers(tensor, values); !left.IsEmpty; left = left[Math.Min(Chunk, left.Length)..])
                {
                    file.Write(Narrowed(left[..Math.Min(Chunk, left.Length)], narrow, type));
                }
            }
        });
    }

    private static ReadOnlySpan<float> Numbers(TensorToWrite tensor, float[] values)
    {
        if (tensor.View is { } view)
        {
            return view();
        }

        var numbers = values.AsSpan(0, tensor.Elements);
        tensor.Read(numbers);
        return numbers;
    }

    private static ReadOnlySpan<byte> Narrowed(ReadOnlySpan<float> numbers, Span<ushort> narrow, SafetensorsType type)
    {
        switch (type)
        {
            case SafetensorsType.BF16:
                Bf16.Narrow(numbers, narrow);
                break;
            case SafetensorsType.F16:
                Fp16.Narrow(numbers, narrow);
                break;
            default:
                return MemoryMarshal.AsBytes(numbers);
        }

        return MemoryMarshal.AsBytes(narrow[..numbers.Length]);
    }

    private static byte[] Header(IReadOnlyList<TensorToWrite> tensors, SafetensorsType type)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt"); // transformers refuses files without it
            json.WriteEndObject();
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", type.ToString());
                WriteNumbers(json, "shape", tensor.Shape);
                var end = offset + ((long)tensor.Elements * type.Bytes());
                WriteNumbers(json, "data_offsets", [offset, end]);
                json.WriteEndObject();
                offset = end;
            }

            json.WriteEndObject();
        }

        // Padded with spaces so that the numbers are aligned, as the reference implementation does.
        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        var header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static List<List<TensorToWrite>> Split(IReadOnlyList<TensorToWrite> tensors, SafetensorsType type, long shardBytes)
    {
        var shards = new List<List<TensorToWrite>> { new() };
        var used = 0L;
        foreach (var tensor in tensors)
        {
            var bytes = (long)tensor.Elements * type.Bytes();
            if (used > 0 && used + bytes > shardBytes)
            {
                shards.Add([]);
                used = 0;
            }

            shards[^1].Add(tensor);
            used += bytes;
        }

        return shards;
    }

    private static void WriteIndex(string folder, string[] names, List<List<TensorToWrite>> shards, SafetensorsType type)
    {
        var index = new
        {
            metadata = new { total_size = shards.Sum(shard => shard.Sum(t => (long)t.Elements * type.Bytes())) },
            weight_map = new SortedDictionary<string, string>(
                names.Zip(shards).SelectMany(s => s.Second, (s, tensor) => (tensor.Name, File: s.First)).ToDictionary(t => t.Name, t => t.File),
                StringComparer.Ordinal),
        };
        AtomicFile.Write(
            Path.Combine(folder, SafetensorsIndex.IndexName), file => JsonSerializer.Serialize(file, index, Json.Indented));
    }

    // A single file left beside new shards would be the one that is loaded.
    private static void RemoveOthers(string folder, string[] names)
    {
        var stale = Directory.EnumerateFiles(folder, "model-*-of-*.safetensors")
            .Append(Path.Combine(folder, SafetensorsIndex.SingleName))
            .Where(file => !names.Contains(Path.GetFileName(file)));
        foreach (var file in stale.ToList())
        {
            File.Delete(file);
        }
    }
}
