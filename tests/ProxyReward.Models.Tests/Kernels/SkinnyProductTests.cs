using ProxyReward.Models.Kernels;
using ProxyReward.Models.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Tests.Kernels;

/// <summary>Products of few rows against sums in double precision, at sizes that leave something over in every direction.</summary>
public sealed class SkinnyProductTests
{
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 1, 1, 1 }, { 1, 53, 24 }, { 3, 7, 20 }, { 4, 48, 64 }, { 5, 50, 33 }, { 64, 101, 17 }, { 9, 30, 1536 }, { 5, 29, 96 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Equals_the_sum_in_double_precision(int rows, int outputs, int inputs)
    {
        NativeEngine.Load();
        using var mode = no_grad();
        using Tensor w = Numbers(outputs, inputs, 1), bias = Numbers(1, outputs, 2).view(-1), x = Numbers(rows, inputs, 3);
        using var y = SkinnyProduct.Multiply(w, bias, x);
        using Tensor expected = x.to(float64).matmul(w.to(float64).t()) + bias.to(float64);
        Assert.Equal([rows, outputs], y.shape);
        Assert.True((y.to(float64) - expected).abs().max().ToDouble() < 1e-5 * Math.Sqrt(inputs));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void In_bfloat16_the_sum_is_that_of_the_rounded_numbers_rounded_once(int rows, int outputs, int inputs)
    {
        NativeEngine.Load();
        using var mode = no_grad();
        using Tensor w = Numbers(outputs, inputs, 1).to(bfloat16), x = Numbers(rows, inputs, 3).to(bfloat16);
        using var y = SkinnyProduct.Multiply(w, null, x);
        using Tensor exact = x.to(float64).matmul(w.to(float64).t()), error = (y.to(float64) - exact).abs();
        Assert.Equal(bfloat16, y.dtype);
        Assert.True((error - (exact.abs() / 256)).max().ToDouble() < 1e-5 * Math.Sqrt(inputs)); // half a unit in the last of eight bits
    }

    [Theory]
    [InlineData(100)] // tiles
    [InlineData(96)] // 512-bit vectors, where there are any
    public void A_rows_numbers_do_not_depend_on_the_rows_beside_it(int inputs)
    {
        NativeEngine.Load();
        using var mode = no_grad();
        foreach (var type in (ScalarType[])[float32, bfloat16])
        {
            using Tensor w = Numbers(50, inputs, 1).to(type), x = Numbers(11, inputs, 3);
            using var together = SkinnyProduct.Multiply(w, null, x);
            for (var row = 0; row < 11; row++)
            {
                using var alone = SkinnyProduct.Multiply(w, null, x.narrow(0, row, 1));
                Assert.Equal(Rows.Floats(together.narrow(0, row, 1)).ToArray(), Rows.Floats(alone).ToArray());
            }
        }
    }

    private static Tensor Numbers(int rows, int columns, int seed)
    {
        var draws = Draws.Of(seed, "skinny product");
        return tensor(Enumerable.Range(0, rows * columns).Select(_ => (float)draws.Normal()).ToArray()).view(rows, columns);
    }
}
