using ProxyReward.Models.Transformer;
using ProxyReward.Questions;
using ProxyReward.Responses;

namespace ProxyReward.Models.Policies;

/// <summary>How likely a model finds responses.</summary>
internal static class ResponseScorer
{
    private const int RowsAtOnce = 2048; // bounds memory; a longer response goes alone

    /// <summary>The summed log-prob of each response's tokens, in nats.</summary>
    public static IReadOnlyList<double> LogProbs(
        LocalModel model, IReadOnlyList<(MetaQuestion Question, Response Response)> responses, CancellationToken cancellationToken)
    {
        var sums = new List<double>();
        var batch = new List<(IReadOnlyList<int> Prompt, IReadOnlyList<int> Tokens)>();
        var rows = 0;
        foreach (var (question, response) in responses)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var prompt = model.Prompt(question.Text);
            if (batch.Count > 0 && rows + prompt.Count + response.TokenIds.Count > RowsAtOnce)
            {
                Flush();
            }

            batch.Add((prompt, response.TokenIds));
            rows += prompt.Count + response.TokenIds.Count;
        }

        Flush();
        return sums;

        void Flush()
        {
            sums.AddRange(batch.Count > 0 ? Score(model, batch) : []);
            batch.Clear();
            rows = 0;
        }
    }

    private static double[] Score(LocalModel model, IReadOnlyList<(IReadOnlyList<int> Prompt, IReadOnlyList<int> Tokens)> batch)
    {
        // The last token of a sequence predicts nothing.
        var packed = new PackedBatch([.. batch.Select(item => (IReadOnlyList<int>)[.. item.Prompt, .. item.Tokens.SkipLast(1)])]);
        using var hidden = model.Network.Forward(packed); // [rows, hidden]
        return [.. batch.Select((item, i) =>
        {
            if (item.Tokens.Count == 0)
            {
                return 0;
            }

            using var predicting = hidden.narrow(0, packed.Starts[i] + item.Prompt.Count - 1, item.Tokens.Count);
            return model.Network.Head.LogProbs(predicting, [.. item.Tokens]).Sum(logProb => (double)logProb);
        })];
    }
}
