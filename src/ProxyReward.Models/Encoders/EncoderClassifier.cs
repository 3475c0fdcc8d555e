using ProxyReward.Models.Tokenization;
using static TorchSharp.torch;

namespace ProxyReward.Models.Encoders;

/// <summary>
/// A sequence classifier on this machine that judges pairs of texts: a Hugging Face folder of the families RoBERTa, ModernBERT or
/// DeBERTa-v3, with its tokenizer. Not thread-safe.
/// </summary>
public sealed class EncoderClassifier : IDisposable
{
    /// <summary>Tokens of a batch, padding included: bounds memory, and is enough to keep the matrix products at their full rate.</summary>
    private const int BatchTokens = 4096;

    private readonly EncoderNetwork network;

    private EncoderClassifier(string path, EncoderNetwork network, Tokenizer tokenizer, PairTemplate pair) =>
        (Path, this.network, Tokenizer, Pair) = (path, network, tokenizer, pair);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The shape, and what the logits stand for.</summary>
    public EncoderConfig Config => network.Config;

    /// <summary>Text to tokens.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>What is put around two texts.</summary>
    public PairTemplate Pair { get; }

    /// <summary>Opens a folder with <c>config.json</c>, safetensors and <c>tokenizer.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="computeType">Of the matrix products: Float32, which is exact, or BFloat16.</param>
    /// <exception cref="RequestException">
    /// It is no classifier of a known family, a configuration key is not understood, a tensor is missing, extra or misshapen, or the tokenizer
    /// does not fit.
    /// </exception>
    public static EncoderClassifier Open(string folder, ScalarType computeType = ScalarType.Float32)
    {
        var config = EncoderFamily.Open(folder).Config;
        var tokenizer = Tokenizer.Load(folder);
        var pair = tokenizer.Pair
            ?? throw new RequestException($"{folder}: its tokenizer.json does not say how two texts are put together (post_processor, pair); fetch the one of the checkpoint.");
        if (tokenizer.VocabSize > config.VocabSize)
        {
            throw new RequestException($"{folder}: the tokenizer has {tokenizer.VocabSize} tokens, the model {config.VocabSize}; fetch both from one revision.");
        }

        if (config.TokenTypes > 0 && pair.Join([0], [0]).Types.Max() >= config.TokenTypes)
        {
            throw new RequestException($"{folder}: the tokenizer tells the two texts apart by a type that the model, with type_vocab_size {config.TokenTypes}, does not know.");
        }

        return new EncoderClassifier(folder, EncoderNetwork.Load(folder, computeType), tokenizer, pair);
    }

    /// <summary>The probability of every label for every pair, in order. Pairs are computed by length, so that little is spent on padding.</summary>
    /// <param name="pairs">Token ids without what the template adds; with it not longer than <see cref="EncoderConfig.MaxTokens"/>.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    public IReadOnlyList<double[]> Probabilities(IReadOnlyList<EncodedPair> pairs, CancellationToken cancellationToken = default)
    {
        var results = new double[pairs.Count][];
        foreach (var batch in Batches(pairs))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var logits = Logits([.. batch.Select(i => Pair.Join(pairs[i].First, pairs[i].Second))]);
            foreach (var (row, i) in batch.Index())
            {
                results[i] = Softmax(logits.AsSpan(row * Config.Labels.Count, Config.Labels.Count));
            }
        }

        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private IEnumerable<List<int>> Batches(IReadOnlyList<EncodedPair> pairs)
    {
        var batch = new List<int>();
        foreach (var i in Enumerable.Range(0, pairs.Count).OrderByDescending(i => pairs[i].Length))
        {
            var longest = (batch.Count == 0 ? pairs[i] : pairs[batch[0]]).Length + Pair.Overhead;
            if (longest > Config.MaxTokens)
            {
                throw new ArgumentException($"a pair of {longest} tokens is longer than the encoder's {Config.MaxTokens}", nameof(pairs));
            }

            if (batch.Count > 0 && (batch.Count + 1) * longest > BatchTokens)
            {
                yield return batch;
                batch = [];
            }

            batch.Add(i);
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    /// <returns>[rows · labels]</returns>
    private float[] Logits(IReadOnlyList<TokenSequence> rows)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var _ = no_grad();
        var batch = new EncoderBatch(rows, Config.PadTokenId);
        return network.Logits(network.Hidden(batch), batch).data<float>().ToArray();
    }

    private static double[] Softmax(ReadOnlySpan<float> logits)
    {
        var result = new double[logits.Length];
        var (max, sum) = (float.NegativeInfinity, 0.0);
        foreach (var logit in logits)
        {
            max = Math.Max(max, logit);
        }

        for (var i = 0; i < result.Length; i++)
        {
            sum += result[i] = Math.Exp(logits[i] - (double)max);
        }

        for (var i = 0; i < result.Length; i++)
        {
            result[i] /= sum;
        }

        return result;
    }
}

/// <summary>Two texts as token ids, nothing put around them.</summary>
/// <param name="First">The text that is judged from.</param>
/// <param name="Second">The statement that is judged.</param>
public sealed record EncodedPair(IReadOnlyList<int> First, IReadOnlyList<int> Second)
{
    /// <summary>Tokens of both.</summary>
    public int Length => First.Count + Second.Count;
}
