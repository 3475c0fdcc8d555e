using System.Numerics.Tensors;
using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Decoding;

/// <summary>One response in the making.</summary>
internal sealed class GeneratedRow(GenerationRequest request)
{
    public GenerationRequest Request => request;

    public List<int> Tokens { get; } = [];

    public CachedSequence Sequence { get; set; }

    /// <summary>Which row of the logits is its own in this step.</summary>
    public int LogitsRow { get; set; }
}

/// <summary>Draws the next token of each response. Not thread-safe.</summary>
internal sealed class Sampler(Warpers warpers, int vocabulary)
{
    private const int Stride = 512;
    private readonly float[][] probabilities = [.. Enumerable.Range(0, Parts.Count).Select(_ => new float[vocabulary])]; // one for each thread

    /// <summary>Adds to each row the first token, in order of ids, at which the cumulated probability exceeds its random number.</summary>
    /// <param name="logits">[rows, vocabulary]</param>
    public void Draw(List<GeneratedRow> rows, Rows logits) => Parts.For(rows.Count, (part, from, to) =>
    {
        var own = probabilities[part].AsSpan();
        for (var i = from; i < to; i++)
        {
            var row = rows[i];
            var values = logits.Read(row.LogitsRow, own);
            if (values != own)
            {
                values.CopyTo(own);
            }

            warpers.ToProbabilities(own, warpers.RepetitionPenalty == 1 ? [] : row.Request.Prompt.Concat(row.Tokens));
            row.Tokens.Add(Pick(own, row.Request.Draws.UniformAt(row.Tokens.Count)));
        }
    });

    private static int Pick(ReadOnlySpan<float> probabilities, double uniform)
    {
        var left = uniform * TensorPrimitives.Sum(probabilities);
        var last = 0;
        for (var first = 0; first < probabilities.Length; first += Stride)
        {
            var stride = probabilities[first..Math.Min(first + Stride, probabilities.Length)];
            double mass = TensorPrimitives.Sum(stride);
            if (mass <= left)
            {
                left -= mass; // not in here
                last = mass > 0 ? first + stride.LastIndexOfAnyExcept(0f) : last;
                continue;
            }

            for (var i = 0; i < stride.Length; i++)
            {
                last = stride[i] > 0 ? first + i : last;
                left -= stride[i];
                if (left < 0)
                {
                    return last;
                }
            }
        }

        return last; // rounding can leave a little over: then the last token that can be drawn
    }
}
