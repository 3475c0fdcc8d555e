using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using static TorchSharp.torch;

namespace ProxyReward.Models.Decoding;

/// <summary>What is to be continued.</summary>
/// <param name="Prompt">At least one token. Equal prompts of a batch are read once.</param>
/// <param name="Draws">Its n-th number draws the n-th token.</param>
public sealed record GenerationRequest(IReadOnlyList<int> Prompt, Draws Draws)
{
    /// <summary>Told each token when it is drawn; false ends the continuation with it. Null: only an end token or the limit does.</summary>
    public Func<int, bool>? GoesOn { get; init; }
}

/// <summary>A continuation.</summary>
/// <param name="Tokens">The end token, if it came, is the last.</param>
/// <param name="Ended">Whether the end token came before the limit.</param>
public sealed record Generation(IReadOnlyList<int> Tokens, bool Ended);

/// <summary>
/// Continues many prompts in lock-step: each step reads the weights once for all sequences that go on; finished ones leave the batch.
/// Not thread-safe.
/// </summary>
public sealed class Generator(LanguageModel model)
{
    /// <summary>Continues each prompt until an end token or the limit.</summary>
    /// <param name="warpers">How tokens are drawn.</param>
    /// <param name="maxNewTokens">The limit.</param>
    /// <param name="tokensGenerated">Told after each step how many tokens it made.</param>
    public IReadOnlyList<Generation> Generate(
        IReadOnlyList<GenerationRequest> requests, Warpers warpers, int maxNewTokens, Action<long>? tokensGenerated, CancellationToken cancellationToken)
    {
        using var mode = no_grad();
        var prompts = requests.Select(request => request.Prompt).Distinct(SequenceComparer.Instance).ToList();
        using var cache = new KvCache(model.Config, model.Parameters.Compute.dtype, prompts.Sum(p => p.Count) + (requests.Count * maxNewTokens));
        var sampler = new Sampler(warpers, model.Config.VocabSize);
        var rows = requests.Select(request => new GeneratedRow(request)).ToList();
        using (var logits = Prefill(prompts, cache, out var prefixRows)) // [prompts, vocabulary]
        {
            foreach (var row in rows)
            {
                row.LogitsRow = prompts.FindIndex(prompt => SequenceComparer.Instance.Equals(prompt, row.Request.Prompt));
                row.Sequence = new CachedSequence(prefixRows[row.LogitsRow], row.Request.Prompt.Count, cache.Take(maxNewTokens));
            }

            sampler.Draw(rows, new Rows(logits));
        }

        using var inBuffers = model.Adapter is null ? model.Step(rows.Count) : null;
        for (var active = rows; ;)
        {
            tokensGenerated?.Invoke(active.Count);
            cancellationToken.ThrowIfCancellationRequested();
            active = [.. active.Where(row => (row.Request.GoesOn?.Invoke(row.Tokens[^1]) ?? true)
                && !model.Config.EosTokenIds.Contains(row.Tokens[^1]) && row.Tokens.Count < maxNewTokens)];
            if (active.Count == 0)
            {
                return [.. rows.Select(row => new Generation(row.Tokens, model.Config.EosTokenIds.Contains(row.Tokens[^1])))];
            }

            Step(active, cache, inBuffers, logits => sampler.Draw(active, logits));
        }
    }

    private Tensor Prefill(List<IReadOnlyList<int>> prompts, KvCache cache, out int[] prefixRows)
    {
        var batch = new PackedBatch(prompts);
        prefixRows = [.. prompts.Select(prompt => cache.Take(prompt.Count))];
        var config = model.Config;
        using var hidden = model.Forward(
            batch.Tokens,
            batch.Positions,
            (layer, qkv, attended) =>
            {
                // The prompts are the cache's first rows, in the batch's order.
                var from = new Rows(qkv);
                var columns = 2 * config.KeyValueHeads * config.HeadDim;
                Parts.For(from.Count, (_, first, end) =>
                {
                    var scratch = new float[columns];
                    for (var row = first; row < end; row++)
                    {
                        cache.Write(layer, row, from.Read(row, config.Heads * config.HeadDim, columns, scratch));
                    }
                });

                new PackedAttention(config, batch, model.WindowOf(layer)).Forward(qkv, attended);
            },
            tape: null);
        using var last = tensor(prompts.Select((prompt, i) => (long)(batch.Starts[i] + prompt.Count - 1)).ToArray(), device: hidden.device);
        using var selected = hidden.index_select(0, last);
        return model.Head.Logits(selected);
    }

    /// <param name="inBuffers">The model in buffers; null where it has an adapter.</param>
    /// <param name="draw">Receives the logits. [active, vocabulary]</param>
    private void Step(List<GeneratedRow> active, KvCache cache, ModelStep? inBuffers, Action<Rows> draw)
    {
        for (var i = 0; i < active.Count; i++)
        {
            active[i].LogitsRow = i;
        }

        int[] tokens = [.. active.Select(row => row.Tokens[^1])];
        int[] positions = [.. active.Select(row => row.Request.Prompt.Count + row.Tokens.Count - 1)];
        var attention = new CachedAttention(model.Config, cache, [.. active.Select(row => row.Sequence)], positions);
        if (inBuffers is not null)
        {
            draw(inBuffers.Forward(tokens, positions, (layer, qkv, attended) => attention.Forward(layer, qkv, attended, model.WindowOf(layer))));
            return;
        }

        using var hidden = model.Forward(
            tokens, positions, (layer, qkv, attended) => attention.Forward(layer, new Rows(qkv), new Rows(attended), model.WindowOf(layer)), tape: null);
        using var logits = model.Head.Logits(hidden);
        draw(new Rows(logits));
    }

    private sealed class SequenceComparer : IEqualityComparer<IReadOnlyList<int>>
    {
        public static SequenceComparer Instance { get; } = new();

        public bool Equals(IReadOnlyList<int>? x, IReadOnlyList<int>? y) => x!.SequenceEqual(y!);

        public int GetHashCode(IReadOnlyList<int> sequence) => sequence.Aggregate(sequence.Count, HashCode.Combine);
    }
}
