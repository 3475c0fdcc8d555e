using ProxyReward.Models.Transformer;

namespace ProxyReward.Lab.Pretraining;

/// <summary>
/// Weights before the first step: embeddings N(0, .02), matrices N(0, 1/√inputs), those that write to the residual stream
/// divided by √(2 · layers) as in GPT-2, norms 1.
/// </summary>
internal static class Initializer
{
    public static void Draw(Parameters parameters, int layers, long seed)
    {
        foreach (var slot in parameters.Layout.Slots)
        {
            var values = parameters.MasterOf(slot.Name);
            if (slot.Shape.Count == 1)
            {
                values.Fill(1);
                continue;
            }

            var draws = Draws.Of(seed, "weights", slot.Name);
            var deviation = Deviation(slot, layers);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (float)(deviation * draws.Normal());
            }
        }

        parameters.RefreshCompute();
    }

    private static double Deviation(ParameterSlot slot, int layers)
    {
        if (slot.Name.EndsWith("embed_tokens.weight", StringComparison.Ordinal))
        {
            return .02;
        }

        var writesToResidual = slot.Name.EndsWith("o_proj.weight", StringComparison.Ordinal) || slot.Name.EndsWith("down_proj.weight", StringComparison.Ordinal);
        return 1 / Math.Sqrt(slot.Shape[1] * (writesToResidual ? 2.0 * layers : 1));
    }
}
