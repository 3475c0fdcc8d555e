using ProxyReward.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>The output matrix: logits of all tokens, or log-probs of given ones in chunks, so that the logits of a batch are never held.</summary>
public sealed class LogitHead
{
    private const int LogitsAtOnce = 1 << 24;
    private readonly Parameters parameters;
    private readonly string name;
    private readonly int chunk;

    /// <summary>What the logits of so many rows take.</summary>
    internal static long LogitBytes(ModelConfig config, ScalarType type, long rows) => rows * config.VocabSize * Rows.SizeOf(type);

    /// <summary>What <see cref="Backward"/> works with: a chunk of logits, and the product that becomes the matrix's gradient.</summary>
    internal static long Bytes(ModelConfig config, ScalarType type) =>
        LogitBytes(config, type, ChunkOf(config) + (long)config.HiddenSize);

    internal LogitHead(ModelConfig config, Parameters parameters)
    {
        this.parameters = parameters;
        name = config.TieWordEmbeddings ? ParameterLayout.Embedding : ParameterLayout.Head;
        chunk = ChunkOf(config);
    }

    /// <param name="hidden">[rows, hidden]</param>
    /// <returns>[rows, vocabulary] in the compute type; the caller disposes it</returns>
    public Tensor Logits(Tensor hidden)
    {
        using var mode = no_grad();
        if (SkinnyProduct.Suits(hidden))
        {
            return SkinnyProduct.Multiply(parameters.View(name), null, hidden);
        }

        using var transposed = parameters.View(name).t();
        return mm(hidden, transposed);
    }

    /// <summary>The head for few rows at a time.</summary>
    internal LinearStep Step() => new(new Rows(parameters.View(name)), null);

    /// <summary>log p(target) after each hidden state.</summary>
    /// <param name="hidden">[rows, hidden]</param>
    /// <param name="targets">[rows] token ids</param>
    /// <returns>[rows] in nats</returns>
    public float[] LogProbs(Tensor hidden, int[] targets)
    {
        var result = new float[targets.Length];
        ForChunks(hidden, (from, part) =>
        {
            using var logits = Logits(part); // [chunk, vocabulary]
            var rows = (int)part.shape[0];
            LogProb.Forward(logits, targets.AsMemory(from, rows), result.AsMemory(from, rows));
        });
        return result;
    }

    /// <summary>
    /// Log-probs again, now with their gradient: adds the head matrix's and returns the hidden states'. The logits are computed anew
    /// rather than kept (arXiv 2410.10989).
    /// </summary>
    /// <param name="dLogProb">[rows] derivative of the loss by each log-prob</param>
    /// <returns>[rows, hidden] gradient in the compute type, and the log-probs</returns>
    internal (Tensor DHidden, float[] LogProbs) Backward(Tensor hidden, int[] targets, float[] dLogProb, Gradients gradients)
    {
        using var mode = no_grad();
        var result = new float[targets.Length];
        var dHidden = empty_like(hidden);
        ForChunks(hidden, (from, part) =>
        {
            using var logits = Logits(part); // [chunk, vocabulary]
            var rows = (int)part.shape[0];
            LogProb.ForwardBackward(logits, targets.AsMemory(from, rows), dLogProb.AsMemory(from, rows), result.AsMemory(from, rows));
            gradients.AddOuter(name, logits, part);
            using var d = mm(logits, parameters.View(name));
            using var target = dHidden.narrow(0, from, rows);
            target.copy_(d);
        });
        return (dHidden, result);
    }

    private static int ChunkOf(ModelConfig config) => Math.Max(16, LogitsAtOnce / config.VocabSize);

    private void ForChunks(Tensor hidden, Action<int, Tensor> work)
    {
        for (var from = 0; from < hidden.shape[0]; from += chunk)
        {
            using var part = hidden.narrow(0, from, Math.Min(chunk, hidden.shape[0] - from));
            work(from, part);
        }
    }
}
