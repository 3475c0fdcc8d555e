using System.Runtime.InteropServices;
using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// The tensors of a safetensors file, or of a folder with one (<c>model.safetensors</c>, a PEFT adapter's
/// <c>adapter_model.safetensors</c>) or several (<c>model.safetensors.index.json</c>). Memory-mapped: opening costs the headers only.
/// A tied output head is stored once and has no name of its own. Thread-safe for reading.
/// </summary>
public sealed class SafetensorsFolder : ITensorSource
{
    /// <summary>Numbers converted at a time: bounds a span to what an int counts, for tensors of any size.</summary>
    private const int Chunk = 1 << 20;

    private readonly Dictionary<string, (MappedFile File, SafetensorsEntry Entry)> tensors = [];
    private readonly List<MappedFile> files = [];

    private SafetensorsFolder(string path) => Path = path;

    /// <summary>What was opened.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; private set; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Opens a file or folder and checks the headers.</summary>
    /// <exception cref="RequestException">There is none, a header is damaged, or files and index disagree.</exception>
    public static SafetensorsFolder Open(string path)
    {
        var folder = new SafetensorsFolder(path);
        try
        {
            foreach (var (file, names) in SafetensorsIndex.FilesOf(path))
            {
                folder.Add(file, names);
            }
        }
        catch
        {
            folder.Dispose();
            throw;
        }

        folder.Shapes = folder.tensors.ToDictionary(t => t.Key, t => (IReadOnlyList<long>)t.Value.Entry.Shape);
        return folder;
    }

    /// <inheritdoc/>
    public string StoredType(string name) => Find(name).Entry.Type.ToString();

    /// <inheritdoc/>
    public void ReadFloat32(string name, Span<float> destination)
    {
        var (file, entry) = Find(name, destination.Length);
        for (var left = destination; !left.IsEmpty; left = left[Math.Min(Chunk, left.Length)..])
        {
            Read(name, file, entry, destination.Length - left.Length, left[..Math.Min(Chunk, left.Length)]);
        }
    }

    /// <summary>Whether a tensor holds these numbers; it is read in pieces.</summary>
    /// <exception cref="RequestException">There is no such tensor, or its size differs.</exception>
    internal bool Holds(string name, ReadOnlySpan<float> numbers)
    {
        var (file, entry) = Find(name, numbers.Length);
        var piece = new float[Math.Min(Chunk, numbers.Length)];
        var equal = true;
        for (var left = numbers; equal && !left.IsEmpty; left = left[Math.Min(Chunk, left.Length)..])
        {
            var part = piece.AsSpan(0, Math.Min(Chunk, left.Length));
            Read(name, file, entry, numbers.Length - left.Length, part);
            equal = left.StartsWith(part);
        }

        return equal;
    }

    /// <summary>Reads a tensor of integers or truth values (0 and 1); <paramref name="destination"/> has as many elements as the tensor.</summary>
    /// <exception cref="RequestException">There is no such tensor, its size differs, or its numbers are not integers.</exception>
    public void ReadInt64(string name, Span<long> destination)
    {
        var (file, entry) = Find(name, destination.Length);
        for (var i = 0; i < destination.Length; i++)
        {
            var bytes = file.Bytes(entry.Offset + ((long)i * entry.Type.Bytes()), entry.Type.Bytes());
            destination[i] = entry.Type switch
            {
                SafetensorsType.I64 => MemoryMarshal.Read<long>(bytes),
                SafetensorsType.I32 => MemoryMarshal.Read<int>(bytes),
                SafetensorsType.I16 => MemoryMarshal.Read<short>(bytes),
                SafetensorsType.I8 => (sbyte)bytes[0],
                SafetensorsType.U8 or SafetensorsType.BOOL => bytes[0],
                _ => throw new RequestException($"{file.Path}, {name}: its numbers are {entry.Type}, not integers."),
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => files.ForEach(file => file.Dispose());

    // F64 is the one type that is rounded: no checkpoint we train is stored in it, reference numbers may be.
    private static void Convert(ReadOnlySpan<double> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = (float)source[i];
        }
    }

    private static void Read(string name, MappedFile file, SafetensorsEntry entry, int first, Span<float> part)
    {
        var offset = entry.Offset + ((long)first * entry.Type.Bytes());
        var bytes = file.Bytes(offset, part.Length * entry.Type.Bytes());
        switch (entry.Type)
        {
            case SafetensorsType.F32:
                bytes.CopyTo(MemoryMarshal.AsBytes(part));
                break;
            case SafetensorsType.BF16:
                Bf16.Widen(MemoryMarshal.Cast<byte, ushort>(bytes), part);
                break;
            case SafetensorsType.F16:
                Fp16.Widen(MemoryMarshal.Cast<byte, ushort>(bytes), part);
                break;
            case SafetensorsType.F64:
                Convert(MemoryMarshal.Cast<byte, double>(bytes), part);
                break;
            default:
                throw new RequestException($"{file.Path}, {name}: its numbers are {entry.Type}, not floating-point; the checkpoint is quantised or not a language model.");
        }

        file.Release(offset, bytes.Length);
    }

    private void Add(string path, IReadOnlySet<string>? expected)
    {
        var file = new MappedFile(path);
        files.Add(file);
        var entries = SafetensorsHeader.Read(file);
        foreach (var name in expected ?? new HashSet<string>())
        {
            if (!entries.ContainsKey(name))
            {
                throw new RequestException($"{path}: lacks {name}, which the index says it holds; fetch index and files of one revision.");
            }
        }

        foreach (var (name, entry) in entries)
        {
            if (expected?.Contains(name) == false || !tensors.TryAdd(name, (file, entry)))
            {
                throw new RequestException($"{path}: holds {name}, which the index places elsewhere; fetch index and files of one revision.");
            }
        }
    }

    private (MappedFile File, SafetensorsEntry Entry) Find(string name) => tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new RequestException($"{Path}: has no tensor {name}.");

    private (MappedFile File, SafetensorsEntry Entry) Find(string name, int elements)
    {
        var tensor = Find(name);
        tensor.File.CheckUnchanged();
        return tensor.Entry.Elements == elements
            ? tensor
            : throw new RequestException($"{tensor.File.Path}, {name}: has {tensor.Entry.Elements} numbers, {elements} were asked for.");
    }
}
