using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Tests.Kernels;

public sealed class SixteenBitFloatTests
{
    // Every pattern, and three more so that some are left over after the vectors.
    private static readonly ushort[] Patterns = [.. Enumerable.Range(0, 65_536 + 3).Select(i => (ushort)i)];

    [Fact]
    public void Every_half_widens_to_the_float_that_it_is_and_back()
    {
        var (wide, narrow) = (new float[Patterns.Length], new ushort[Patterns.Length]);
        Fp16.Widen(Patterns, wide);
        Fp16.Narrow(wide, narrow);
        Assert.Equal(Patterns.Select(bits => (float)BitConverter.UInt16BitsToHalf(bits)), wide);
        Assert.All(Patterns.Zip(narrow).Where(bits => !Half.IsNaN(BitConverter.UInt16BitsToHalf(bits.First))), bits => Assert.Equal(bits.First, bits.Second));
    }

    [Fact]
    public void Every_bfloat16_widens_to_the_float_that_it_is_and_back()
    {
        var (wide, narrow) = (new float[Patterns.Length], new ushort[Patterns.Length]);
        Bf16.Widen(Patterns, wide);
        Bf16.Narrow(wide, narrow);
        Assert.Equal(Patterns.Select(bits => BitConverter.Int32BitsToSingle(bits << 16)), wide);
        Assert.All(Patterns.Zip(narrow).Where(bits => !float.IsNaN(BitConverter.Int32BitsToSingle(bits.First << 16))), bits => Assert.Equal(bits.First, bits.Second));
    }

    [Theory]
    [InlineData(0x3F80_8000u, 0x3F80)] // half way between an even and an odd pattern: the even one
    [InlineData(0x3F81_8000u, 0x3F82)]
    [InlineData(0x3F80_8001u, 0x3F81)]
    [InlineData(0x3F80_7FFFu, 0x3F80)]
    [InlineData(0x7F7F_FFFFu, 0x7F80)] // the largest float becomes infinity
    [InlineData(0x7F80_0001u, 0x7FC0)] // NaN stays NaN, though its set bits are all cut off
    public void Narrowing_to_bfloat16_rounds_to_nearest_even(uint bits, ushort expected)
    {
        var narrow = new ushort[33];
        Bf16.Narrow([.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(bits), narrow.Length)], narrow);
        Assert.All(narrow, value => Assert.Equal(expected, value));
    }
}
