using ProxyReward.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>The output matrix: logits of all tokens, or log-probs of given ones in chunks, so that the logits of a batch are never held.</summary>
public sealed class LogitHead
{
    private const int BytesAtOnce = 1 << 26;
    private readonly ModelConfig config;
    private readonly Parameters parameters;
    private readonly string name;

    internal LogitHead(ModelConfig config, Parameters parameters)
    {
        this.config = config;
        this.parameters = parameters;
        name = config.TieWordEmbeddings ? ParameterLayout.Embedding : ParameterLayout.Head;
        RowsAtOnce = ChunkOf(config, parameters.Compute.dtype);
    }

    /// <summary>Rows whose logits exist at a time; tests and benchmarks change it.</summary>
    internal int RowsAtOnce { get; set; }

    /// <param name="hidden">[rows, hidden]</param>
    /// <returns>[rows, vocabulary] in the compute type; the caller disposes it</returns>
    public Tensor Logits(Tensor hidden)
    {
        using var mode = no_grad();
        return Logits(hidden, empty(hidden.shape[0], config.VocabSize, hidden.dtype, hidden.device));
    }

    /// <summary>The head in buffers that are there beforehand.</summary>
    internal LinearStep Step() => new(parameters.View(name), null);

    /// <summary>log p(target) after each hidden state.</summary>
    /// <param name="hidden">[rows, hidden]</param>
    /// <param name="targets">[rows] token ids</param>
    /// <returns>[rows] in nats</returns>
    public float[] LogProbs(Tensor hidden, int[] targets) => LogProbs(hidden, ScoredTokens.AfterEachRow(targets));

    /// <summary>log p of the scored tokens, in their order, in nats.</summary>
    /// <param name="hidden">[rows, hidden]</param>
    /// <exception cref="RequestException">A target is not in the vocabulary.</exception>
    public float[] LogProbs(Tensor hidden, ScoredTokens scored)
    {
        var result = new float[scored.Targets.Length];
        ForChunks(hidden, scored, (from, _, part, scope) =>
        {
            var logits = Logits(part, scope.Take(config.VocabSize, part.dtype)); // [chunk, vocabulary]
            var rows = (int)part.shape[0];
            LogProb.Of(logits, scored.Targets.AsMemory(from, rows), result.AsMemory(from, rows), dLogProb: default);
        });
        return result;
    }

    /// <summary>What the logits of so many rows take.</summary>
    internal static long LogitBytes(ModelConfig config, ScalarType type, long rows) => rows * config.VocabSize * Rows.SizeOf(type);

    /// <summary>
    /// What <see cref="Backward"/> works with: a chunk of logits, its hidden states and their gradient and, where the matrix is trained below fp32, the product
    /// that is added to its gradient.
    /// </summary>
    internal static long Bytes(ModelConfig config, ScalarType type, long rows, bool trained)
    {
        var chunk = Math.Min(rows, ChunkOf(config, type));
        return LogitBytes(config, type, chunk + (trained && type != ScalarType.Float32 ? config.HiddenSize : 0)) + (2 * chunk * config.HiddenSize * Rows.SizeOf(type));
    }

    /// <summary>
    /// Log-probs again, now with their gradient: adds the head matrix's and returns the hidden states'. The logits are computed anew
    /// rather than kept (arXiv 2410.10989).
    /// </summary>
    /// <param name="dLogProb">Derivative of the loss by each log-prob.</param>
    /// <returns>[rows, hidden] gradient in the compute type, 0 in rows that nothing is scored after; and the log-probs</returns>
    internal (Tensor DHidden, float[] LogProbs) Backward(Tensor hidden, ScoredTokens scored, float[] dLogProb, Gradients gradients)
    {
        using var mode = no_grad();
        var result = new float[scored.Targets.Length];
        var dHidden = zeros_like(hidden);
        ForChunks(hidden, scored, (from, index, part, scope) =>
        {
            var logits = Logits(part, scope.Take(config.VocabSize, part.dtype)); // [chunk, vocabulary]
            var rows = (int)part.shape[0];
            LogProb.Of(logits, scored.Targets.AsMemory(from, rows), result.AsMemory(from, rows), dLogProb.AsMemory(from, rows));
            gradients.AddOuter(name, logits, part);
            var d = scope.Take(config.HiddenSize, part.dtype);
            d.addmm_(logits, parameters.View(name), beta: 0, alpha: 1);
            dHidden.index_add_(0, index, d, 1);
        });
        return (dHidden, result);
    }

    private static int ChunkOf(ModelConfig config, ScalarType type) => Math.Max(16, BytesAtOnce / (config.VocabSize * Rows.SizeOf(type)));

    private Tensor Logits(Tensor hidden, Tensor logits)
    {
        if (SkinnyProduct.Suits(hidden))
        {
            SkinnyProduct.Multiply(new Rows(parameters.View(name)), null, new Rows(hidden), new Rows(logits));
        }
        else
        {
            LinearStep.Multiply(parameters.View(name), null, hidden, logits);
        }

        return logits;
    }

    private void ForChunks(Tensor hidden, ScoredTokens scored, Action<int, Tensor, Tensor, WorkspaceScope> work)
    {
        foreach (var target in scored.Targets)
        {
            config.RequireToken(target);
        }

        using var mode = no_grad();
        using var workspace = new Workspace(Math.Min(RowsAtOnce, scored.Rows.Length));
        for (var from = 0; from < scored.Rows.Length; from += RowsAtOnce)
        {
            using var scope = NewDisposeScope(); // in-place products may return a second view, which would keep the memory until it is collected
            var chunk = scored.Rows[from..Math.Min(from + RowsAtOnce, scored.Rows.Length)];
            using var index = tensor(Array.ConvertAll(chunk, row => (long)row), device: hidden.device);
            using var part = hidden.index_select(0, index); // [chunk, hidden]
            using var lent = workspace.Begin(chunk.Length);
            work(from, index, part, lent);
        }
    }
}
