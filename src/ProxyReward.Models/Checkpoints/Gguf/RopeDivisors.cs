using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>
/// Llama 3's scaling of rotary positions as what a GGUF stores: the number that each inverse frequency is divided by
/// (<c>rope_freqs.weight</c>). Wavelengths below original / highFactor stay, those above original / lowFactor are divided by the
/// factor, and those between are blended (transformers, <c>_compute_llama3_parameters</c>).
/// </summary>
internal static class RopeDivisors
{
    /// <summary>The divisors, headDim / 2 of them.</summary>
    public static float[] Of(RopeScaling llama3, double theta, int headDim)
    {
        var divisors = new float[headDim / 2];
        for (var i = 0; i < divisors.Length; i++)
        {
            var wavelength = 2 * Math.PI * Math.Pow(theta, 2.0 * i / headDim);
            var blend = ((llama3.OriginalMaxPositions / wavelength) - llama3.LowFrequencyFactor)
                / (llama3.HighFrequencyFactor - llama3.LowFrequencyFactor);
            var kept = Math.Clamp(blend, 0, 1);
            divisors[i] = (float)(1 / (((1 - kept) / llama3.Factor) + kept));
        }

        return divisors;
    }

    /// <summary>
    /// The llama3 scaling that has these divisors, with the frequency factors 1 and 4 of every published model and an original
    /// length that is a power of two: config.json can state a rule, not a table.
    /// </summary>
    public static RopeScaling AsLlama3(ModelConfig config)
    {
        var divisors = config.RopeScaling!.Divisors;
        for (var original = 16; original <= 1 << 20; original *= 2)
        {
            var candidate = new RopeScaling(RopeScalingKind.Llama3)
            {
                Factor = Math.Round(divisors.Max(), 3),
                LowFrequencyFactor = 1,
                HighFrequencyFactor = 4,
                OriginalMaxPositions = original,
            };
            if (Of(candidate, config.RopeTheta, config.HeadDim).Zip(divisors).All(d => Math.Abs(d.First - d.Second) <= 1e-4 * d.Second))
            {
                return candidate;
            }
        }

        throw new RequestException("rope_freqs.weight: these divisors follow no llama3 rule, which config.json would need; keep the model as GGUF.");
    }
}
