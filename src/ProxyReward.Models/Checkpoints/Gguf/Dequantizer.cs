using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>
/// Turns stored blocks into fp32, number by number as ggml's reference does (ggml-quants.c): a product and a sum, each rounded to
/// fp32, never fused, so that the results are equal.
/// </summary>
internal static class Dequantizer
{
    private delegate void BlockReader(ReadOnlySpan<byte> block, Span<float> numbers);

    /// <summary>Reads whole blocks; <paramref name="destination"/> takes as many numbers as they hold.</summary>
    public static void Read(GgufType type, ReadOnlySpan<byte> blocks, Span<float> destination)
    {
        switch (type)
        {
            case GgufType.F32:
                blocks.CopyTo(MemoryMarshal.AsBytes(destination));
                return;
            case GgufType.F16:
                Fp16.Widen(MemoryMarshal.Cast<byte, ushort>(blocks), destination);
                return;
            case GgufType.BF16:
                Bf16.Widen(MemoryMarshal.Cast<byte, ushort>(blocks), destination);
                return;
        }

        var (numbers, bytes) = type.Block();
        BlockReader read = type switch
        {
            GgufType.Q4_0 => PlainBlocks.ReadQ4_0,
            GgufType.Q4_1 => PlainBlocks.ReadQ4_1,
            GgufType.Q5_0 => PlainBlocks.ReadQ5_0,
            GgufType.Q5_1 => PlainBlocks.ReadQ5_1,
            GgufType.Q8_0 => PlainBlocks.ReadQ8_0,
            GgufType.Q2_K => SuperBlocks.ReadQ2,
            GgufType.Q3_K => SuperBlocks.ReadQ3,
            GgufType.Q4_K => SuperBlocks.ReadQ4,
            GgufType.Q5_K => SuperBlocks.ReadQ5,
            GgufType.Q6_K => SuperBlocks.ReadQ6,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
        };
        for (var i = 0; i < destination.Length / numbers; i++)
        {
            read(blocks.Slice(i * bytes, bytes), destination.Slice(i * numbers, numbers));
        }
    }

    /// <summary>The half at a byte of a block.</summary>
    public static float Half(ReadOnlySpan<byte> block, int at) => (float)BitConverter.ToHalf(block[at..]);

    /// <summary>code × scale + offset for codes of one scale; their count is a multiple of 16.</summary>
    public static void Scale(ReadOnlySpan<sbyte> codes, float scale, float offset, Span<float> numbers)
    {
        var offsets = Vector128.Create(offset);
        for (var i = 0; i < codes.Length; i += Vector128<sbyte>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(codes[i..]));
            var (first, second) = Vector128.Widen(low);
            var (third, fourth) = Vector128.Widen(high);
            ((Vector128.ConvertToSingle(first) * scale) + offsets).CopyTo(numbers[i..]);
            ((Vector128.ConvertToSingle(second) * scale) + offsets).CopyTo(numbers[(i + 4)..]);
            ((Vector128.ConvertToSingle(third) * scale) + offsets).CopyTo(numbers[(i + 8)..]);
            ((Vector128.ConvertToSingle(fourth) * scale) + offsets).CopyTo(numbers[(i + 12)..]);
        }
    }
}
