using System.Runtime.InteropServices;
using System.Text;
using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>A tensor to be written into a GGUF.</summary>
/// <param name="Source">Under the name it gets in the file, in the file's order of rows.</param>
/// <param name="Type">F32, F16, BF16 or Q8_0.</param>
internal sealed record GgufTensorToWrite(TensorToWrite Source, GgufType Type)
{
    public long Bytes => Source.Elements / Type.Block().Numbers * (long)Type.Block().Bytes;
}

/// <summary>Writes a GGUF, version 3. The file appears under its name only when it is whole.</summary>
internal static class GgufWriter
{
    private const int Alignment = 32;

    /// <summary>Numbers written at a time, whole blocks of every type: their bytes are what an int counts, in tensors of any size.</summary>
    private const int Piece = 1 << 20;

    /// <param name="metadata">Keys in order; values as <see cref="GgufFile.Metadata"/> has them.</param>
    public static void Write(string path, IReadOnlyList<(string Key, object Value)> metadata, IReadOnlyList<GgufTensorToWrite> tensors) =>
        AtomicFile.Write(path, file =>
        {
            using var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true);
            writer.Write("GGUF"u8);
            writer.Write(3u);
            writer.Write((long)tensors.Count);
            writer.Write((long)metadata.Count);
            foreach (var (key, value) in metadata)
            {
                Write(writer, key);
                WriteValue(writer, value);
            }

            WriteInfos(writer, tensors);
            WriteNumbers(writer, tensors);
        });

    private static void WriteInfos(BinaryWriter writer, IReadOnlyList<GgufTensorToWrite> tensors)
    {
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            Write(writer, tensor.Source.Name);
            writer.Write((uint)tensor.Source.Shape.Count);
            foreach (var size in tensor.Source.Shape.Reverse())
            {
                writer.Write(size);
            }

            writer.Write((uint)tensor.Type);
            writer.Write(offset);
            offset += (tensor.Bytes + Alignment - 1) / Alignment * Alignment;
        }
    }

    private static void WriteNumbers(BinaryWriter writer, IReadOnlyList<GgufTensorToWrite> tensors)
    {
        var numbers = new float[tensors.Select(t => t.Source.Elements).DefaultIfEmpty().Max()];
        var bytes = new byte[Piece * sizeof(float)];
        Pad(writer);
        foreach (var tensor in tensors)
        {
            var values = numbers.AsSpan(0, tensor.Source.Elements);
            tensor.Source.Read(values);
            for (var left = values; !left.IsEmpty; left = left[Math.Min(Piece, left.Length)..])
            {
                var piece = left[..Math.Min(Piece, left.Length)];
                var stored = bytes.AsSpan(0, piece.Length / tensor.Type.Block().Numbers * tensor.Type.Block().Bytes);
                Store(piece, tensor.Type, stored);
                writer.Write(stored);
            }

            Pad(writer);
        }
    }

    private static void Store(ReadOnlySpan<float> values, GgufType type, Span<byte> stored)
    {
        switch (type)
        {
            case GgufType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(stored);
                break;
            case GgufType.F16:
                Fp16.Narrow(values, MemoryMarshal.Cast<byte, ushort>(stored));
                break;
            case GgufType.BF16:
                Bf16.Narrow(values, MemoryMarshal.Cast<byte, ushort>(stored));
                break;
            case GgufType.Q8_0:
                PlainBlocks.WriteQ8_0(values, stored);
                break;
            default:
                throw new RequestException($"GGUF files are written as F32, F16, BF16 or Q8_0, not {type}.");
        }
    }

    private static void WriteValue(BinaryWriter writer, object value)
    {
        if (value is Array array)
        {
            writer.Write(9u);
            writer.Write(TypeOf(array.GetType().GetElementType()!));
            writer.Write((long)array.Length);
            foreach (var item in array)
            {
                WriteScalar(writer, item);
            }
        }
        else
        {
            writer.Write(TypeOf(value.GetType()));
            WriteScalar(writer, value);
        }
    }

    private static uint TypeOf(Type type) => type == typeof(uint) ? 4u
        : type == typeof(int) ? 5u
        : type == typeof(float) ? 6u
        : type == typeof(bool) ? 7u
        : type == typeof(string) ? 8u
        : throw new NotSupportedException($"metadata of type {type}");

    private static void WriteScalar(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case uint number:
                writer.Write(number);
                break;
            case int number:
                writer.Write(number);
                break;
            case float number:
                writer.Write(number);
                break;
            case bool flag:
                writer.Write(flag);
                break;
            default:
                Write(writer, (string)value);
                break;
        }
    }

    private static void Write(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(BinaryWriter writer)
    {
        writer.Flush();
        writer.Write(new byte[(Alignment - (int)(writer.BaseStream.Position % Alignment)) % Alignment]);
    }
}
