using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Kernels;

/// <summary>
/// Cosines and sines of every position and frequency, with the scalings of transformers' <c>modeling_rope_utils</c>.
/// Reading is thread-safe; <see cref="Ensure"/> is not.
/// </summary>
internal sealed class RotaryTable
{
    private readonly int half;
    private readonly double magnitude;
    private float[] cos = [];
    private float[] sin = [];

    public RotaryTable(int headDim, double theta, RopeScaling? scaling)
    {
        HeadDim = headDim;
        half = headDim / 2;
        InverseFrequencies = new float[half];
        for (var i = 0; i < half; i++)
        {
            InverseFrequencies[i] = (float)Math.Pow(theta, -2.0 * i / headDim);
        }

        magnitude = scaling is null ? 1 : Scale(scaling, headDim, theta);
    }

    public int HeadDim { get; }

    /// <summary>Radians a position, headDim / 2 of them, after scaling.</summary>
    public float[] InverseFrequencies { get; }

    /// <summary>Makes sure that positions 0 … <paramref name="positions"/> − 1 are there.</summary>
    public void Ensure(int positions)
    {
        var have = cos.Length / half;
        if (positions <= have)
        {
            return;
        }

        var want = Math.Max(positions, 2 * have);
        Array.Resize(ref cos, want * half);
        Array.Resize(ref sin, want * half);
        for (var position = have; position < want; position++)
        {
            for (var i = 0; i < half; i++)
            {
                var angle = position * InverseFrequencies[i]; // fp32, as the references
                cos[(position * half) + i] = (float)(Math.Cos(angle) * magnitude);
                sin[(position * half) + i] = (float)(Math.Sin(angle) * magnitude);
            }
        }
    }

    public ReadOnlySpan<float> Cos(int position) => cos.AsSpan(position * half, half);

    public ReadOnlySpan<float> Sin(int position) => sin.AsSpan(position * half, half);

    /// <summary>Changes the frequencies; returns what cosines and sines are multiplied by.</summary>
    private double Scale(RopeScaling scaling, int headDim, double theta)
    {
        switch (scaling.Kind)
        {
            case RopeScalingKind.Linear:
                Each((_, f) => f / scaling.Factor);
                return 1;
            case RopeScalingKind.Divisors:
                Each((i, f) => f / scaling.Divisors[i]);
                return 1;
            case RopeScalingKind.Llama3:
                Each((_, f) => Llama3(scaling, f));
                return 1;
            case RopeScalingKind.Yarn:
                return Yarn(scaling, headDim, theta);
            default:
                throw new ArgumentOutOfRangeException(nameof(scaling), scaling.Kind, null);
        }
    }

    private void Each(Func<int, double, double> change)
    {
        for (var i = 0; i < half; i++)
        {
            InverseFrequencies[i] = (float)change(i, InverseFrequencies[i]);
        }
    }

    /// <summary>Long waves are stretched, short ones kept, those between blended.</summary>
    private static double Llama3(RopeScaling s, double frequency)
    {
        var wave = 2 * Math.PI / frequency;
        double longest = s.OriginalMaxPositions / s.LowFrequencyFactor, shortest = s.OriginalMaxPositions / s.HighFrequencyFactor;
        if (wave < shortest)
        {
            return frequency;
        }

        if (wave > longest)
        {
            return frequency / s.Factor;
        }

        var blend = ((s.OriginalMaxPositions / wave) - s.LowFrequencyFactor) / (s.HighFrequencyFactor - s.LowFrequencyFactor);
        return ((1 - blend) * frequency / s.Factor) + (blend * frequency);
    }

    /// <summary>YaRN (arXiv 2309.00071): a ramp between interpolated and kept frequencies.</summary>
    private double Yarn(RopeScaling s, int headDim, double theta)
    {
        double Dimension(double rotations) =>
            headDim * Math.Log(s.OriginalMaxPositions / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));
        double low = Dimension(s.BetaFast), high = Dimension(s.BetaSlow);
        if (s.Truncate)
        {
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        }

        (low, high) = (Math.Max(low, 0), Math.Min(high, headDim - 1));
        if (low == high)
        {
            high += 0.001; // transformers' guard against division by zero
        }

        Each((i, f) =>
        {
            var interpolated = Math.Clamp((i - low) / (high - low), 0, 1);
            return (f / s.Factor * interpolated) + (f * (1 - interpolated));
        });
        double Magnitude(double scale) => s.Factor <= 1 ? 1 : (0.1 * scale * Math.Log(s.Factor)) + 1;
        return s.AttentionFactor ?? (s is { MScale: { } m, MScaleAllDim: { } all } ? Magnitude(m) / Magnitude(all) : Magnitude(1));
    }
}
