using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>
/// Blocks of 32 numbers with one scale (and one minimum): the fp16 scales, then for five bits a word of high bits, then the codes.
/// Nibbles: the low ones are numbers 0–15, the high ones 16–31.
/// </summary>
internal static class PlainBlocks
{
    private const int Size = 32;

    public static void ReadQ4_0(ReadOnlySpan<byte> block, Span<float> numbers)
    {
        Span<sbyte> codes = stackalloc sbyte[Size];
        Nibbles(block[2..], 0, 8, codes);
        Dequantizer.Scale(codes, Dequantizer.Half(block, 0), 0, numbers);
    }

    public static void ReadQ4_1(ReadOnlySpan<byte> block, Span<float> numbers)
    {
        Span<sbyte> codes = stackalloc sbyte[Size];
        Nibbles(block[4..], 0, 0, codes);
        Dequantizer.Scale(codes, Dequantizer.Half(block, 0), Dequantizer.Half(block, 2), numbers);
    }

    public static void ReadQ5_0(ReadOnlySpan<byte> block, Span<float> numbers)
    {
        Span<sbyte> codes = stackalloc sbyte[Size];
        Nibbles(block[6..], BinaryPrimitives.ReadUInt32LittleEndian(block[2..]), 16, codes);
        Dequantizer.Scale(codes, Dequantizer.Half(block, 0), 0, numbers);
    }

    public static void ReadQ5_1(ReadOnlySpan<byte> block, Span<float> numbers)
    {
        Span<sbyte> codes = stackalloc sbyte[Size];
        Nibbles(block[8..], BinaryPrimitives.ReadUInt32LittleEndian(block[4..]), 0, codes);
        Dequantizer.Scale(codes, Dequantizer.Half(block, 0), Dequantizer.Half(block, 2), numbers);
    }

    public static void ReadQ8_0(ReadOnlySpan<byte> block, Span<float> numbers) =>
        Dequantizer.Scale(MemoryMarshal.Cast<byte, sbyte>(block[2..]), Dequantizer.Half(block, 0), 0, numbers);

    /// <summary>
    /// Blocks of Q8_0 as ggml's reference makes them: the scale is the largest magnitude / 127, codes are rounded half away from zero
    /// with the scale before it is itself rounded to fp16.
    /// </summary>
    public static void WriteQ8_0(ReadOnlySpan<float> numbers, Span<byte> blocks)
    {
        for (; numbers.Length > 0; numbers = numbers[Size..], blocks = blocks[(Size + 2)..])
        {
            var largest = 0f;
            foreach (var number in numbers[..Size])
            {
                largest = Math.Max(largest, Math.Abs(number));
            }

            var scale = largest / 127;
            var inverse = scale == 0 ? 0 : 1 / scale;
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)scale);
            for (var i = 0; i < Size; i++)
            {
                blocks[i + 2] = (byte)(sbyte)MathF.Round(numbers[i] * inverse, MidpointRounding.AwayFromZero);
            }
        }
    }

    /// <summary>Codes of four bits, and a fifth from <paramref name="high"/>, less <paramref name="bias"/>.</summary>
    private static void Nibbles(ReadOnlySpan<byte> packed, uint high, int bias, Span<sbyte> codes)
    {
        packed = packed[..(Size / 2)];
        codes = codes[..Size];
        for (var i = 0; i < packed.Length; i++)
        {
            codes[i] = (sbyte)(((packed[i] & 15) | (int)((high >> i) << 4 & 16)) - bias);
            codes[i + 16] = (sbyte)(((packed[i] >> 4) | (int)((high >> (i + 12)) & 16)) - bias);
        }
    }
}
