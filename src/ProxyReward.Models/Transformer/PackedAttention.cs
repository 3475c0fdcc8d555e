using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// Causal attention of packed sequences with themselves and their prefixes, in fp32, each thread one group of sequences and key-value head at a time:
/// keys after a block of queries are never touched, keys and values never repeated for the query heads that share them, and backward computes the
/// probabilities again instead of keeping them. (libtorch's flash kernel took five times as long on sequences of 150 tokens,
/// its batched products ten times.)
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="batch">The sequences.</param>
/// <param name="window">Tokens that are seen, the current one included; null for all.</param>
internal sealed unsafe class PackedAttention(ModelConfig config, PackedBatch batch, int? window)
{
    private readonly int dim = config.HeadDim;
    private readonly int group = config.Heads / config.KeyValueHeads;
    private readonly float scale = (float)config.AttentionScale;

    /// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim], rotated</param>
    /// <param name="attended">[rows, heads · headDim]; written</param>
    public void Forward(Tensor qkv, Tensor attended)
    {
        Rows input = new(qkv), result = new(attended);
        ForEachGroupAndHead((s, sequences, head) =>
        {
            foreach (var segment in (IEnumerable<Segment>)[sequences.Prefix, .. sequences.Branches])
            {
                ReadKeysAndValues(s, input, segment, head);
                ForwardSegment(s, input, result, segment, head);
            }
        });
    }

    /// <param name="qkv">As in forward.</param>
    /// <param name="dOutput">[rows, heads · headDim]</param>
    /// <param name="dQkv">[rows, (heads + 2 · keyValueHeads) · headDim]; written</param>
    /// <returns>dQkv</returns>
    public Tensor Backward(Tensor qkv, Tensor dOutput, Tensor dQkv)
    {
        Rows input = new(qkv), up = new(dOutput), result = new(dQkv);
        ForEachGroupAndHead((s, sequences, head) =>
        {
            // The prefix is seen by all: its gradient is complete, and written, last.
            Begin(sequences.Prefix);
            foreach (var branch in sequences.Branches)
            {
                Begin(branch);
                BackwardSegment(s, input, up, result, branch, head);
            }

            BackwardSegment(s, input, up, result, sequences.Prefix, head);

            void Begin(Segment segment)
            {
                ReadKeysAndValues(s, input, segment, head);
                s.Transpose(s.Value, s.ValueTransposed, segment);
                s.Clear(s.DKey, segment);
                s.Clear(s.DValue, segment);
            }
        });
        return dQkv;
    }

    private void ForwardSegment(AttentionScratch s, Rows input, Rows result, Segment segment, int head)
    {
        var end = segment.Position + segment.Length;
        for (var member = head * group; member < (head + 1) * group; member++)
        {
            s.Read(input, segment, member * dim, s.Query);
            s.Clear(s.Output, segment);
            for (var first = segment.Position; first < end; first += AttentionScratch.Block)
            {
                var count = Math.Min(AttentionScratch.Block, end - first);
                Probabilities(s, first, count);
                SmallGemm.Add(s.Probability, s.Length, 1, s.Value, s.Width, s.Output + (first * s.Width), s.Width, count, s.Width, first + count);
            }

            s.Write(s.Output, result, segment, member * dim);
        }
    }

    /// <summary>Writes the gradients of a segment's queries, keys and values, and adds to those of its prefix.</summary>
    private void BackwardSegment(AttentionScratch s, Rows input, Rows up, Rows result, Segment segment, int head)
    {
        var end = segment.Position + segment.Length;
        for (var member = head * group; member < (head + 1) * group; member++)
        {
            s.Read(input, segment, member * dim, s.Query);
            s.Read(up, segment, member * dim, s.Output);
            s.Clear(s.DQuery, segment);
            for (var first = segment.Position; first < end; first += AttentionScratch.Block)
            {
                BackwardBlock(s, first, Math.Min(AttentionScratch.Block, end - first));
            }

            s.Write(s.DQuery, result, segment, member * dim);
        }

        s.Write(s.DKey, result, segment, (config.Heads + head) * dim);
        s.Write(s.DValue, result, segment, (config.Heads + config.KeyValueHeads + head) * dim);
    }

    private void BackwardBlock(AttentionScratch s, int first, int count)
    {
        var at = first * s.Width;
        var keys = first + count;
        Probabilities(s, first, count);
        SmallGemm.Add(s.Probability, 1, s.Length, s.Output + at, s.Width, s.DValue, s.Width, keys, s.Width, count); // dV += Pᵀ·dO
        Clear(s.DProbability, s.Length, count, keys);
        SmallGemm.Add(s.Output + at, s.Width, 1, s.ValueTransposed, s.Length, s.DProbability, s.Length, count, AttentionScratch.Padded(keys), dim);
        s.SoftmaxBackward(count, keys, scale);
        SmallGemm.Add(s.DProbability, s.Length, 1, s.Key, s.Width, s.DQuery + at, s.Width, count, s.Width, keys); // dQ += dS·K
        SmallGemm.Add(s.DProbability, 1, s.Length, s.Query + at, s.Width, s.DKey, s.Width, keys, s.Width, count); // dK += dSᵀ·Q
    }

    /// <param name="first">Position of the first query.</param>
    private void Probabilities(AttentionScratch s, int first, int count)
    {
        var keys = first + count;
        Clear(s.Probability, s.Length, count, keys);
        SmallGemm.Add(s.Query + (first * s.Width), s.Width, 1, s.KeyTransposed, s.Length, s.Probability, s.Length, count, AttentionScratch.Padded(keys), dim);
        s.Softmax(first, count, keys, window, scale);
    }

    private void ReadKeysAndValues(AttentionScratch s, Rows qkv, Segment segment, int head)
    {
        s.Read(qkv, segment, (config.Heads + head) * dim, s.Key);
        s.Read(qkv, segment, (config.Heads + config.KeyValueHeads + head) * dim, s.Value);
        s.Transpose(s.Key, s.KeyTransposed, segment);
    }

    private static void Clear(float* rows, int stride, int count, int keys)
    {
        for (var i = 0; i < count; i++)
        {
            new Span<float>(rows + (i * stride), AttentionScratch.Padded(keys)).Clear();
        }
    }

    /// <summary>Largest groups first, so that no thread is left with a large one at the end. Which thread does what changes no number.</summary>
    private void ForEachGroupAndHead(Action<AttentionScratch, PackedGroup, int> work)
    {
        var longest = batch.Groups.Max(sequences => sequences.Longest);
        var items = batch.Groups.OrderByDescending(sequences => sequences.Rows)
            .SelectMany(sequences => Enumerable.Range(0, config.KeyValueHeads).Select(head => (Sequences: sequences, Head: head))).ToArray();
        var next = -1;
        Parts.For(Parts.Count, (_, from, to) =>
        {
            if (from == to)
            {
                return;
            }

            using var scratch = new AttentionScratch(longest, dim);
            for (var i = Interlocked.Increment(ref next); i < items.Length; i = Interlocked.Increment(ref next))
            {
                var (sequences, head) = items[i];
                work(scratch, sequences, head);
            }
        });
    }
}
