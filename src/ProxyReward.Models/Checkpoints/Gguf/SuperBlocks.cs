namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>
/// The K types: 256 numbers in groups of 16 or 32, whose scales (and minima) are themselves codes of one or two fp16 numbers.
/// </summary>
internal static class SuperBlocks
{
    // scales[16] (low nibble scale, high nibble minimum), codes[64] of 2 bits, scale, minimum.
    public static void ReadQ2(ReadOnlySpan<byte> block, Span<float> numbers)
    {
        var scales = block[..16];
        var packed = block[16..80];
        var (scale, minimum) = (Dequantizer.Half(block, 80), Dequantizer.Half(block, 82));
        Span<sbyte> codes = stackalloc sbyte[16];
        for (var group = 0; group < 16; group++)
        {
            var from = packed[FirstOf(group)..];
            var shift = group % 8 / 2 * 2;
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = (sbyte)((from[i] >> shift) & 3);
            }

            Dequantizer.Scale(codes, scale * (scales[group] & 15), -(minimum * (scales[group] >> 4)), numbers.Slice(group * 16, 16));
        }
    }

    // high bits[32] (unset: minus 4), codes[64] of 2 bits, 16 scales of 6 bits in 12 bytes, scale.
    public static void ReadQ3(ReadOnlySpan<byte> block, Span<float> numbers)
    {
        var high = block[..32];
        var packed = block[32..96];
        var packedScales = block[96..108];
        var scale = Dequantizer.Half(block, 108);
        Span<sbyte> codes = stackalloc sbyte[16];
        for (var group = 0; group < 16; group++)
        {
            var from = packed[FirstOf(group)..];
            var fromHigh = high[(group % 2 * 16)..];
            var (shift, bit) = (group % 8 / 2 * 2, 1 << (group / 2));
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = (sbyte)(((from[i] >> shift) & 3) - ((fromHigh[i] & bit) != 0 ? 0 : 4));
            }

            // Four low bits in bytes 0–7 (nibbles: groups 0–7, then 8–15), two high bits in bytes 8–11.
            var low = (packedScales[group % 8] >> (group / 8 * 4)) & 15;
            var top = (packedScales[8 + (group % 4)] >> (group / 4 * 2)) & 3;
            Dequantizer.Scale(codes, scale * ((low | (top << 4)) - 32), 0, numbers.Slice(group * 16, 16));
        }
    }

    // scale, minimum, 8 scales and minima of 6 bits in 12 bytes, codes[128] of 4 bits.
    public static void ReadQ4(ReadOnlySpan<byte> block, Span<float> numbers) => ReadQ4OrQ5(block, [], block[16..], numbers);

    // As Q4, with high bits[32] before the codes.
    public static void ReadQ5(ReadOnlySpan<byte> block, Span<float> numbers) => ReadQ4OrQ5(block, block[16..48], block[48..], numbers);

    // low nibbles[128], high bits[64] of 2 bits, scales[16] of 8 bits, scale.
    public static void ReadQ6(ReadOnlySpan<byte> block, Span<float> numbers)
    {
        var scale = Dequantizer.Half(block, 208);
        Span<sbyte> codes = stackalloc sbyte[16];
        for (var group = 0; group < 16; group++)
        {
            var (half, quarter, side) = (group / 8, group % 8 / 2, group % 2);
            var low = block[((half * 64) + (quarter % 2 * 32) + (side * 16))..];
            var high = block[(128 + (half * 32) + (side * 16))..];
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = (sbyte)((((low[i] >> (quarter / 2 * 4)) & 15) | (((high[i] >> (quarter * 2)) & 3) << 4)) - 32);
            }

            Dequantizer.Scale(codes, scale * (sbyte)block[192 + group], 0, numbers.Slice(group * 16, 16));
        }
    }

    private static void ReadQ4OrQ5(ReadOnlySpan<byte> block, ReadOnlySpan<byte> high, ReadOnlySpan<byte> packed, Span<float> numbers)
    {
        var (scale, minimum) = (Dequantizer.Half(block, 0), Dequantizer.Half(block, 2));
        Span<sbyte> codes = stackalloc sbyte[32];
        for (var group = 0; group < 8; group++)
        {
            var from = packed.Slice(group / 2 * 32, 32);
            var shift = group % 2 * 4;
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = (sbyte)(((from[i] >> shift) & 15) | (high.IsEmpty ? 0 : ((high[i] >> group) & 1) << 4));
            }

            var (groupScale, groupMinimum) = SixBits(block[4..16], group);
            Dequantizer.Scale(codes, scale * groupScale, -(minimum * groupMinimum), numbers.Slice(group * 32, 32));
        }
    }

    // The first four whole in bytes 0–7, the others split: four low bits in bytes 8–11, two high bits on top of bytes 0–7.
    private static (int Scale, int Minimum) SixBits(ReadOnlySpan<byte> packed, int group) => group < 4
        ? (packed[group] & 63, packed[group + 4] & 63)
        : ((packed[group + 4] & 15) | ((packed[group - 4] >> 6) << 4), (packed[group + 4] >> 4) | ((packed[group] >> 6) << 4));

    // Codes of 2 bits: 32 bytes hold four times 32 numbers, one pair of bits after the other.
    private static int FirstOf(int group) => (group / 8 * 32) + (group % 2 * 16);
}
