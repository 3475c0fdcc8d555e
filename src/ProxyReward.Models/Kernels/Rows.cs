using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Kernels;

/// <summary>
/// The rows of a contiguous CPU tensor of fp32 or bf16, read and written as fp32: arithmetic is always fp32, storage is what the tensor has.
/// The tensor must outlive it.
/// </summary>
internal readonly unsafe struct Rows
{
    private readonly byte* data;
    private readonly bool narrow;

    public Rows(Tensor tensor)
    {
        if (!tensor.is_contiguous() || tensor.device_type != DeviceType.CPU)
        {
            throw new ArgumentException("a kernel needs a contiguous tensor in main memory", nameof(tensor));
        }

        narrow = tensor.dtype switch
        {
            ScalarType.Float32 => false,
            ScalarType.BFloat16 => true,
            _ => throw new ArgumentException($"a kernel works on fp32 and bf16, not on {tensor.dtype}", nameof(tensor)),
        };
        Columns = tensor.dim() == 0 ? 1 : (int)tensor.shape[^1];
        Count = Columns == 0 ? 0 : (int)(tensor.numel() / Columns);
        data = Pointer(tensor);
    }

    private Rows(byte* data, bool narrow, int count, int columns)
    {
        this.data = data;
        this.narrow = narrow;
        Count = count;
        Columns = columns;
    }

    public int Count { get; }

    public int Columns { get; }

    public bool IsBf16 => narrow;

    public int ElementSize => narrow ? sizeof(ushort) : sizeof(float);

    /// <summary>Part of a row as rows of their own.</summary>
    public Rows Part(long row, int column, int count, int columns) => new(At(row) + (column * ElementSize), narrow, count, columns);

    /// <summary>Where a row begins.</summary>
    public byte* At(long row) => data + (row * Columns * ElementSize);

    /// <summary>A row as fp32: the tensor's own memory where it is fp32, else widened into <paramref name="scratch"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<float> Read(long row, Span<float> scratch) => Read(row, 0, Columns, scratch);

    /// <summary>Part of a row as fp32.</summary>
    public ReadOnlySpan<float> Read(long row, int column, int length, Span<float> scratch)
    {
        var at = (row * Columns) + column;
        if (!narrow)
        {
            return new ReadOnlySpan<float>((float*)data + at, length);
        }

        Bf16.Widen(new ReadOnlySpan<ushort>((ushort*)data + at, length), scratch);
        return scratch[..length];
    }

    /// <summary>Some rows as fp32, one after the other: the tensor's own memory where it is fp32, else widened into <paramref name="scratch"/>.</summary>
    public float* Contiguous(long row, int count, float* scratch)
    {
        if (!narrow)
        {
            return (float*)data + (row * Columns);
        }

        Bf16.Widen(new ReadOnlySpan<ushort>((ushort*)data + (row * Columns), count * Columns), new Span<float>(scratch, count * Columns));
        return scratch;
    }

    /// <summary>Writes a row.</summary>
    public void Write(long row, ReadOnlySpan<float> values) => Write(row, 0, values);

    /// <summary>Writes part of a row.</summary>
    public void Write(long row, int column, ReadOnlySpan<float> values)
    {
        var at = (row * Columns) + column;
        if (narrow)
        {
            Bf16.Narrow(values, new Span<ushort>((ushort*)data + at, values.Length));
        }
        else
        {
            values.CopyTo(new Span<float>((float*)data + at, values.Length));
        }
    }

    /// <summary>A row of a tensor that is known to be fp32, in place.</summary>
    public Span<float> InPlace(long row) => narrow
        ? throw new InvalidOperationException("only fp32 rows can be changed in place")
        : new Span<float>((float*)data + (row * Columns), Columns);

    /// <summary>Bytes of one number of fp32 or bf16.</summary>
    public static int SizeOf(ScalarType type) => type == ScalarType.Float32 ? sizeof(float) : sizeof(ushort);

    /// <summary>Where a contiguous tensor's elements lie.</summary>
    public static byte* Pointer(Tensor tensor)
    {
        if (tensor.numel() == 0)
        {
            return null;
        }

        // Tensor.bytes counts in ints: ask for one element only, then address the rest from there.
        // Both views must go at once: until it is collected, a view keeps the memory of a tensor that was disposed.
        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1);
        return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    /// <summary>The elements of a contiguous fp32 tensor of at most 2³¹ elements.</summary>
    public static Span<float> Floats(Tensor tensor) => Floats(tensor, 0, checked((int)tensor.numel()));

    /// <summary>Some neighbouring elements of a contiguous fp32 tensor of any size.</summary>
    public static Span<float> Floats(Tensor tensor, long offset, int count) => tensor.dtype == ScalarType.Float32
        ? new Span<float>((float*)Pointer(tensor) + offset, count)
        : throw new ArgumentException($"fp32 wanted, not {tensor.dtype}", nameof(tensor));
}
