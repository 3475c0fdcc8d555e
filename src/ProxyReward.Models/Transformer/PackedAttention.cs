using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// Causal attention of packed sequences with themselves, through libtorch's flash kernel; neighbours of equal length go together.
/// Grouped queries: each key-value head serves heads / keyValueHeads query heads.
/// </summary>
internal static class PackedAttention
{
    /// <summary>What forward leaves of one run of equally long sequences.</summary>
    internal sealed record Graph(Run Run, Tensor Query, Tensor Key, Tensor Value, Tensor Output) : IDisposable
    {
        public void Dispose()
        {
            Query.Dispose();
            Key.Dispose();
            Value.Dispose();
            Output.Dispose();
        }
    }

    /// <summary>Sequences of equal length that lie end to end.</summary>
    internal readonly record struct Run(long Start, long Count, long Length);

    /// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim], rotated</param>
    /// <param name="window">Tokens that are seen, the current one included; null for all.</param>
    /// <param name="graphs">Receives what backward needs; null where no gradient will be asked for.</param>
    /// <returns>[rows, heads · headDim]</returns>
    public static Tensor Forward(Tensor qkv, PackedBatch batch, ModelConfig config, int? window, List<Graph>? graphs)
    {
        long heads = config.Heads, dim = config.HeadDim;
        var output = empty(batch.Rows, heads * dim, qkv.dtype, qkv.device);
        foreach (var run in Runs(batch))
        {
            using var scope = NewDisposeScope();
            using var mode = torch.set_grad_enabled(graphs is not null);
            Tensor query = Heads(qkv, run, 0, heads, dim, graphs is not null);
            Tensor key = Heads(qkv, run, heads, config.KeyValueHeads, dim, graphs is not null);
            Tensor value = Heads(qkv, run, heads + config.KeyValueHeads, config.KeyValueHeads, dim, graphs is not null);
            var result = Attend(query, Repeat(key, heads), Repeat(value, heads), config.AttentionScale * Math.Sqrt(dim), Mask(run.Length, window, qkv.device));
            using (no_grad())
            {
                output.narrow(0, run.Start, run.Count * run.Length).view(run.Count, run.Length, heads, dim).copy_(result.transpose(1, 2));
            }

            graphs?.Add(new Graph(run, query.DetachFromDisposeScope(), key.DetachFromDisposeScope(), value.DetachFromDisposeScope(), result.DetachFromDisposeScope()));
        }

        return output;
    }

    /// <param name="dOutput">[rows, heads · headDim]</param>
    /// <returns>[rows, (heads + 2 · keyValueHeads) · headDim]</returns>
    public static Tensor Backward(Tensor dOutput, ModelConfig config, IReadOnlyList<Graph> graphs)
    {
        long heads = config.Heads, dim = config.HeadDim, kv = config.KeyValueHeads;
        var dQkv = empty(dOutput.shape[0], (heads + (2 * kv)) * dim, dOutput.dtype, dOutput.device);
        foreach (var (run, query, key, value, result) in graphs)
        {
            using var scope = NewDisposeScope();
            using var up = Heads(dOutput, run, 0, heads, dim, leaf: false);
            var d = autograd.grad([result], [query, key, value], [up]);
            Heads(dQkv, run, 0, heads, dim, leaf: false).copy_(d[0]);
            Heads(dQkv, run, heads, kv, dim, leaf: false).copy_(d[1]);
            Heads(dQkv, run, heads + kv, kv, dim, leaf: false).copy_(d[2]);
        }

        return dQkv;
    }

    private static Tensor Attend(Tensor query, Tensor key, Tensor value, double scale, Tensor? mask)
    {
        var scaled = Math.Abs(scale - 1) < 1e-9 ? query : query * scale; // libtorch multiplies by 1/√headDim itself
        return nn.functional.scaled_dot_product_attention(scaled, key, value, mask, 0, is_casual: mask is null);
    }

    /// <summary>Some heads of a run as a view [count, heads, length, headDim] of [rows, columns].</summary>
    private static Tensor Heads(Tensor rows, Run run, long firstHead, long heads, long dim, bool leaf)
    {
        var columns = rows.shape[1];
        var view = rows.as_strided(
            [run.Count, heads, run.Length, dim],
            [run.Length * columns, dim, columns, 1],
            rows.storage_offset() + (run.Start * columns) + (firstHead * dim));
        return leaf ? view.detach().requires_grad_() : view;
    }

    private static Tensor Repeat(Tensor keys, long heads)
    {
        var shape = keys.shape;
        return shape[1] == heads
            ? keys
            : keys.unsqueeze(2).expand(shape[0], shape[1], heads / shape[1], shape[2], shape[3]).reshape(shape[0], heads, shape[2], shape[3]);
    }

    /// <summary>Key j is visible to query i when i − window &lt; j ≤ i; null where causality alone says so.</summary>
    private static Tensor? Mask(long length, int? window, Device device) => window is null || window >= length
        ? null
        : ones([length, length], ScalarType.Bool, device).tril().triu(1 - window.Value);

    private static IEnumerable<Run> Runs(PackedBatch batch)
    {
        for (var i = 0; i < batch.Lengths.Length;)
        {
            var count = 1;
            while (i + count < batch.Lengths.Length && batch.Lengths[i + count] == batch.Lengths[i])
            {
                count++;
            }

            yield return new Run(batch.Starts[i], count, batch.Lengths[i]);
            i += count;
        }
    }
}
