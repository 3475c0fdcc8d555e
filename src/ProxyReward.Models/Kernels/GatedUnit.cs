using System.Numerics.Tensors;
using static TorchSharp.torch;

namespace ProxyReward.Models.Kernels;

/// <summary>The gate of the feed-forward layer, act(g) · u: SiLU (SwiGLU, arXiv 2002.05202), or tanh-approximated GELU for Gemma.</summary>
internal static class GatedUnit
{
    private const float GeluScale = 0.7978845608f; // √(2/π)
    private const float GeluCubic = 0.044715f;

    /// <param name="gateUp">[rows, 2 · inner], gate first</param>
    /// <param name="output">[rows, inner]</param>
    public static void Forward(Tensor gateUp, Tensor output, bool gelu)
    {
        Forward(new Rows(gateUp), new Rows(output), gelu);
    }

    /// <summary>The same on rows.</summary>
    public static void Forward(Rows input, Rows result, bool gelu)
    {
        var inner = result.Columns;
        Parts.For(input.Count, (_, from, to) =>
        {
            Span<float> scratch = new float[2 * inner], act = new float[inner];
            for (var row = from; row < to; row++)
            {
                var both = input.Read(row, scratch);
                var gate = both[..inner];
                Slope(gate, act, gelu); // act(g) = g · slope(g)
                TensorPrimitives.Multiply(act, gate, act);
                TensorPrimitives.Multiply(act, both[inner..], act);
                result.Write(row, act);
            }
        });
    }

    /// <summary>Replaces [gate, up] by their gradients.</summary>
    /// <param name="gateUp">[rows, 2 · inner]; in: the values of forward, out: the gradient</param>
    /// <param name="dOutput">[rows, inner]</param>
    public static void Backward(Tensor gateUp, Tensor dOutput, bool gelu)
    {
        Rows both = new(gateUp), up = new(dOutput);
        var inner = up.Columns;
        Parts.For(both.Count, (_, from, to) =>
        {
            Span<float> scratch = new float[2 * inner], upScratch = new float[inner], s = new float[inner], d = new float[inner], t = new float[inner];
            for (var row = from; row < to; row++)
            {
                var values = both.Read(row, scratch);
                ReadOnlySpan<float> g = values[..inner], u = values[inner..], dy = up.Read(row, upScratch);
                Slope(g, s, gelu);
                Derivative(g, s, t, gelu);
                TensorPrimitives.Multiply(t, dy, t);
                TensorPrimitives.Multiply(t, u, t); // dg = dy · u · act'(g)
                TensorPrimitives.Multiply(s, g, d);
                TensorPrimitives.Multiply(d, dy, d); // du = dy · act(g)
                both.Write(row, 0, t);
                both.Write(row, inner, d);
            }
        });
    }

    /// <summary>act(g) / g: σ(g), or ½(1 + tanh(√(2/π)(g + 0.044715 g³))).</summary>
    private static void Slope(ReadOnlySpan<float> g, Span<float> slope, bool gelu)
    {
        if (!gelu)
        {
            TensorPrimitives.Sigmoid(g, slope);
            return;
        }

        // ½(1 + tanh z) = σ(2z)
        TensorPrimitives.Multiply(g, g, slope);
        TensorPrimitives.Multiply(slope, 2 * GeluScale * GeluCubic, slope);
        TensorPrimitives.Add(slope, 2 * GeluScale, slope);
        TensorPrimitives.Multiply(slope, g, slope);
        TensorPrimitives.Sigmoid(slope, slope);
    }

    /// <summary>act'(g) from g and its slope s. SiLU: s(1 + g(1 − s)); GELU: s + g·s(1 − s)·(2z)'.</summary>
    private static void Derivative(ReadOnlySpan<float> g, ReadOnlySpan<float> s, Span<float> result, bool gelu)
    {
        if (gelu)
        {
            for (var i = 0; i < g.Length; i++)
            {
                var inner = 2 * GeluScale * (1 + (3 * GeluCubic * g[i] * g[i]));
                result[i] = s[i] + (g[i] * s[i] * (1 - s[i]) * inner);
            }

            return;
        }

        TensorPrimitives.Multiply(g, s, result); // g·s
        TensorPrimitives.Subtract(g, result, result); // g(1 − s)
        TensorPrimitives.Add(result, 1f, result);
        TensorPrimitives.Multiply(result, s, result);
    }
}
