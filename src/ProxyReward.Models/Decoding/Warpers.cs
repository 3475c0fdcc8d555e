using System.Numerics.Tensors;
using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Decoding;

/// <summary>
/// How logits become the probabilities that a token is drawn from, in transformers' order: repetition penalty, temperature, top-k, top-p, min-p,
/// each on the renormalised result of the one before. A value that says "off" does nothing.
/// </summary>
/// <param name="RepetitionPenalty">Logits of tokens that occurred are divided by it (multiplied if negative); 1 is off.</param>
/// <param name="Temperature">Logits are divided by it; 0 keeps the likeliest token alone.</param>
/// <param name="TopK">Keeps so many tokens, and ties of the last; 0 is off.</param>
/// <param name="TopP">Keeps the likeliest tokens up to this mass; 1 is off.</param>
/// <param name="MinP">Drops tokens below this share of the likeliest one; 0 is off.</param>
public sealed record Warpers(double RepetitionPenalty = 1, double Temperature = 1, int TopK = 0, double TopP = 1, double MinP = 0)
{
    /// <summary>Replaces the logits of one step by probabilities.</summary>
    /// <param name="logits">[vocabulary]; out: probabilities, 0 for tokens that are dropped</param>
    /// <param name="context">Prompt and tokens so far, for the repetition penalty.</param>
    public void ToProbabilities(Span<float> logits, IEnumerable<int> context)
    {
        if (RepetitionPenalty != 1)
        {
            foreach (var id in context.Distinct())
            {
                logits[id] = (float)(logits[id] < 0 ? logits[id] * RepetitionPenalty : logits[id] / RepetitionPenalty);
            }
        }

        if (Temperature == 0)
        {
            var best = TensorPrimitives.IndexOfMax<float>(logits);
            logits.Clear();
            logits[best] = 1;
            return;
        }

        TensorPrimitives.Divide(logits, (float)Temperature, logits);
        KeepTopK(logits);
        Softmax(logits);
        KeepTopP(logits);
        KeepMinP(logits);
    }

    private void KeepTopK(Span<float> logits)
    {
        if (TopK <= 0 || TopK >= logits.Length)
        {
            return;
        }

        var sorted = logits.ToArray();
        sorted.AsSpan().Sort();
        var least = sorted[^TopK];
        foreach (ref var logit in logits)
        {
            logit = logit < least ? float.NegativeInfinity : logit;
        }
    }

    /// <summary>Drops from the small end while the mass dropped is at most 1 − p; the likeliest token stays.</summary>
    private void KeepTopP(Span<float> probabilities)
    {
        if (TopP >= 1)
        {
            return;
        }

        var order = Enumerable.Range(0, probabilities.Length).ToArray();
        probabilities.ToArray().AsSpan().Sort(order.AsSpan());
        var mass = 0.0;
        for (var i = 0; i < order.Length - 1; i++)
        {
            mass += probabilities[order[i]];
            if (mass > 1 - TopP)
            {
                break;
            }

            probabilities[order[i]] = 0;
        }

        Normalize(probabilities);
    }

    private void KeepMinP(Span<float> probabilities)
    {
        if (MinP <= 0)
        {
            return;
        }

        var least = (float)MinP * TensorPrimitives.Max<float>(probabilities);
        foreach (ref var probability in probabilities)
        {
            probability = probability < least ? 0 : probability;
        }

        Normalize(probabilities);
    }

    private static void Softmax(Span<float> logits)
    {
        var (_, sum) = LogProb.Exponentials(logits, logits);
        TensorPrimitives.Multiply(logits, (float)(1 / sum), logits);
    }

    private static void Normalize(Span<float> probabilities) =>
        TensorPrimitives.Divide(probabilities, TensorPrimitives.Sum<float>(probabilities), probabilities);
}
