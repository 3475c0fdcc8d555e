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
    /// What a training works with: a chunk of logits, its hidden states and their gradient; where the matrix is trained below fp32 the product that is added to its
    /// gradient, where it is not trained the slopes of all rows.
    /// </summary>
    internal static long Bytes(ModelConfig config, ScalarType type, long rows, bool trained)
    {
        var chunk = Math.Min(rows, ChunkOf(config, type));
        var hidden = (2 * chunk) + (trained ? 0 : rows);
        return LogitBytes(config, type, chunk + (trained && type != ScalarType.Float32 ? config.HiddenSize : 0)) + (hidden * config.HiddenSize * Rows.SizeOf(type));
    }

    /// <summary>Whether its matrix is trained.</summary>
    internal bool IsTrained(Gradients gradients) => gradients.Holds(name);

    /// <summary>
    /// Log-probs, and how each changes with the hidden state that predicts it: where the matrix is not trained, one pass gives what loss and gradient ask of the head.
    /// </summary>
    /// <returns>[scored] in nats; [scored, hidden] in the compute type</returns>
    internal (float[] LogProbs, Tensor Slopes) LogProbsAndSlopes(Tensor hidden, ScoredTokens scored)
    {
        using var mode = no_grad();
        var result = new float[scored.Targets.Length];
        float[] ones = [.. result.Select(_ => 1f)];
        var slopes = empty(result.Length, config.HiddenSize, hidden.dtype, hidden.device);
        ForChunks(hidden, scored, (from, _, part, scope) =>
        {
            var logits = Logits(part, scope.Take(config.VocabSize, part.dtype)); // [chunk, vocabulary]
            var rows = (int)part.shape[0];
            LogProb.Of(logits, scored.Targets.AsMemory(from, rows), result.AsMemory(from, rows), ones.AsMemory(from, rows));
            using var slope = slopes.narrow(0, from, rows);
            slope.addmm_(logits, parameters.View(name), beta: 0, alpha: 1);
        });
        return (result, slopes);
    }

    /// <summary>The gradient of the hidden states, from their slopes.</summary>
    /// <param name="hidden">[rows, hidden]</param>
    /// <param name="slopes">[scored, hidden]; overwritten</param>
    /// <param name="dLogProb">Derivative of the loss by each log-prob.</param>
    /// <returns>[rows, hidden], 0 in rows that nothing is scored after</returns>
    internal static Tensor Backward(Tensor hidden, ScoredTokens scored, Tensor slopes, float[] dLogProb)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var dHidden = zeros_like(hidden);
        var index = tensor(Array.ConvertAll(scored.Rows, row => (long)row), device: hidden.device);
        slopes.mul_(tensor(dLogProb, device: hidden.device).unsqueeze(1));
        dHidden.index_add_(0, index, slopes, 1);
        return dHidden.MoveToOuterDisposeScope();
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
