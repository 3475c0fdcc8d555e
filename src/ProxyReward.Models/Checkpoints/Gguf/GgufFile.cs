using System.Numerics;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>Where a tensor lies in a GGUF.</summary>
/// <param name="Type">How its numbers are stored.</param>
/// <param name="Shape">Row-major, outermost dimension first: the reverse of what the file lists.</param>
/// <param name="Elements">Product of the shape.</param>
/// <param name="Offset">Of its first byte in the file.</param>
/// <param name="Bytes">What it takes in the file.</param>
public sealed record GgufTensor(GgufType Type, IReadOnlyList<long> Shape, long Elements, long Offset, long Bytes);

/// <summary>
/// A GGUF file, version 2 or 3, little-endian: metadata and tensors under the file's own names
/// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Memory-mapped. Thread-safe for reading.
/// </summary>
public sealed class GgufFile : IDisposable
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const int MaxDimensions = 4;

    private readonly MappedFile file;

    private GgufFile(MappedFile file)
    {
        this.file = file;
        var cursor = new GgufCursor(file);
        var (tensors, pairs) = ReadCounts(cursor);
        Metadata = ReadMetadata(cursor, pairs);
        Alignment = ReadAlignment();
        Tensors = ReadTensors(cursor, tensors);
    }

    public string Path => file.Path;

    /// <summary>Numbers, truth values and texts as themselves, arrays as <c>T[]</c>, nested arrays as <c>object[]</c>.</summary>
    public IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>Tensors begin at multiples of this many bytes.</summary>
    public int Alignment { get; }

    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    /// <exception cref="RequestException">The file is damaged or of another version or byte order, or stores a tensor in a way that is not read.</exception>
    public static GgufFile Open(string path)
    {
        var opened = new MappedFile(path);
        try
        {
            return new GgufFile(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor as fp32, on all processors where it is large; <paramref name="destination"/> has as many elements as the tensor.</summary>
    /// <exception cref="RequestException">There is no such tensor, or its size differs.</exception>
    public unsafe void ReadFloat32(string name, Span<float> destination)
    {
        file.CheckUnchanged();
        if (!Tensors.TryGetValue(name, out var tensor) || tensor.Elements != destination.Length)
        {
            throw new RequestException($"{Path}: has no tensor {name} of {destination.Length} numbers ({(tensor is null ? "none of that name" : $"{tensor.Elements} numbers")}).");
        }

        const int part = 1 << 18; // a multiple of every block
        var (numbers, bytes) = tensor.Type.Block();
        fixed (float* start = destination)
        {
            var to = start; // a fixed local cannot be captured
            var length = destination.Length;
            var parts = (int)(((long)length + part - 1) / part);
            void Read(int index)
            {
                var first = index * part;
                var count = Math.Min(part, length - first);
                var blocks = file.Bytes(tensor.Offset + ((long)first / numbers * bytes), count / numbers * bytes);
                Dequantizer.Read(tensor.Type, blocks, new Span<float>(to + first, count));
            }

            if (parts == 1)
            {
                Read(0);
            }
            else
            {
                Parallel.For(0, parts, Read);
            }
        }

        file.Release(tensor.Offset, tensor.Bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private (int Tensors, int Pairs) ReadCounts(GgufCursor cursor)
    {
        if (file.Length < 24 || cursor.Number<uint>() != Magic)
        {
            throw new RequestException($"{Path}: is no GGUF file.");
        }

        var version = cursor.Number<uint>();
        if (version is not (2 or 3))
        {
            throw new RequestException(version % 0x10000 == 0
                ? $"{Path}: a big-endian GGUF is not read; convert it to little-endian."
                : $"{Path}: version {version} of GGUF is not read, 2 and 3 are; convert it with a current llama.cpp.");
        }

        return (cursor.Count(leastBytes: 24, "the list of tensors"), cursor.Count(leastBytes: 13, "the metadata"));
    }

    private static Dictionary<string, object> ReadMetadata(GgufCursor cursor, int pairs)
    {
        var metadata = new Dictionary<string, object>();
        for (var i = 0; i < pairs; i++)
        {
            var key = cursor.Text();
            if (!metadata.TryAdd(key, cursor.Value(cursor.Number<uint>())))
            {
                throw cursor.Damaged($"metadata key {key} is there twice");
            }
        }

        return metadata;
    }

    private int ReadAlignment() => Metadata.GetValueOrDefault("general.alignment", 32u) is uint alignment
        && BitOperations.IsPow2(alignment) && alignment <= 1 << 20
        ? (int)alignment
        : throw new RequestException($"{Path}: general.alignment must be a power of two up to 2^20; the file is damaged: {DamagedFile.Mend(Path)}.");

    private Dictionary<string, GgufTensor> ReadTensors(GgufCursor cursor, int count)
    {
        var tensors = new Dictionary<string, GgufTensor>();
        for (var i = 0; i < count; i++)
        {
            var name = cursor.Text();
            if (!tensors.TryAdd(name, ReadTensor(cursor, name)))
            {
                throw cursor.Damaged($"tensor {name} is there twice");
            }
        }

        var start = (cursor.Position + Alignment - 1) / Alignment * Alignment;
        var free = start;
        foreach (var (name, tensor) in tensors.OrderBy(t => t.Value.Offset).ThenBy(t => t.Value.Bytes).ToList())
        {
            var offset = start + tensor.Offset;
            if (offset < free || tensor.Bytes > file.Length - offset)
            {
                throw new RequestException($"{Path}, {name}: its {tensor.Bytes} bytes at {offset} overlap another tensor or the end of the file ({file.Length}); {DamagedFile.Mend(Path)}.");
            }

            free = offset + tensor.Bytes;
            tensors[name] = tensor with { Offset = offset };
        }

        return tensors;
    }

    private GgufTensor ReadTensor(GgufCursor cursor, string name)
    {
        var dimensions = cursor.Number<uint>();
        if (dimensions > MaxDimensions)
        {
            throw cursor.Damaged($"tensor {name} claims {dimensions} dimensions");
        }

        var shape = new long[dimensions];
        var elements = 1L;
        for (var i = 0; i < shape.Length; i++)
        {
            var size = cursor.Number<ulong>();
            if (size > (ulong)file.Length * 8 || (elements *= (long)size) > file.Length * 8)
            {
                throw cursor.Damaged($"tensor {name} claims more numbers than the file can hold"); // no type packs more than four a byte
            }

            shape[^(i + 1)] = (long)size;
        }

        var type = (GgufType)cursor.Number<uint>();
        var offset = cursor.Number<ulong>();
        var (numbers, bytes) = type.Block();
        if (numbers == 0)
        {
            throw new RequestException($"{Path}, {name}: its type ({(int)type}) is not read; {string.Join(", ", Enum.GetNames<GgufType>())} are: quantise the model to one of them.");
        }

        if (offset > (ulong)file.Length || offset % (ulong)Alignment != 0 || (shape.Length > 0 && shape[^1] % numbers != 0) || (shape.Length == 0 && numbers > 1))
        {
            throw cursor.Damaged($"tensor {name} of {type} with rows of {(shape.Length > 0 ? shape[^1] : 1)} at {offset} fits no block or alignment");
        }

        return new GgufTensor(type, shape, elements, (long)offset, elements / numbers * bytes);
    }
}
