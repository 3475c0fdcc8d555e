using System.Numerics.Tensors;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using TorchSharp;

namespace ProxyReward.Models.Tests.Transformer;

/// <summary>A prefix that is laid once gives what copies of it give, in every family; so does a layer that is run again for its backward pass.</summary>
public sealed class PrefixedSequencesTests
{
    private const int Prefix = 7;

    public static TheoryData<string> Checkpoints => ReferenceModel.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Hidden_states_and_gradients_equal_those_of_separate_sequences(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var (shared, separate) = Batches(reference);
        using var sharedHidden = reference.Model.Forward(shared);
        using var separateHidden = reference.Model.Forward(separate);
        Rows actual = new(sharedHidden), expected = new(separateHidden);
        for (var branch = 0; branch < shared.Starts.Length; branch++)
        {
            for (var i = 0; i < shared.Lengths[branch]; i++)
            {
                var row = expected.InPlace(separate.Starts[branch] + Prefix + i);
                Assert.True(TensorPrimitives.Distance<float>(row, actual.InPlace(shared.Starts[branch] + i)) <= 1e-5 * TensorPrimitives.Norm<float>(row));
            }
        }

        var (sharedGradients, separateGradients) = (Gradients(reference, shared, 0), Gradients(reference, separate, Prefix));
        Assert.True(TensorPrimitives.Distance<float>(separateGradients, sharedGradients) <= 1e-5 * TensorPrimitives.Norm<float>(separateGradients));
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void A_tape_of_inputs_gives_the_same_gradients_to_the_last_bit_and_both_take_what_is_foretold(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var (batch, _) = Batches(reference);
        var (kept, again) = (new List<float[]>(), new[] { false, true });
        foreach (var inputsOnly in again)
        {
            var config = reference.Model.Config;
            using var work = new Workspace();
            using var tape = new Tape(config, work, inputsOnly);
            using var hidden = reference.Model.Forward(batch, tape);
            var oneLayer = inputsOnly ? LayerTape.BytesPerRow(config, hidden.dtype) * batch.Rows : 0; // made when backward comes
            Assert.Equal(Tape.Bytes(config, hidden.dtype, batch.Rows, inputsOnly), tape.Layers.Sum(Bytes) + Bytes(tape.Final) + oneLayer);

            using var gradients = new Gradients(reference.Model.Parameters.Layout);
            using var dHidden = hidden.clone();
            reference.Model.Backward(batch, tape, dHidden, gradients);
            kept.Add(Rows.Floats(gradients.Flat).ToArray());
        }

        Assert.True(TensorPrimitives.Norm<float>(kept[0]) > 0);
        Assert.Equal(kept[0], kept[1]);
    }

    private static long Bytes(LayerTape layer) => new[]
    {
        layer.Input, layer.Middle, layer.Heads, layer.Attended, layer.Gates, layer.UnnormedHeads, layer.AttentionBranch, layer.FeedForwardBranch,
    }.Sum(Bytes);

    private static long Bytes(torch.Tensor? tensor) => tensor is null ? 0 : tensor.numel() * Rows.SizeOf(tensor.dtype);

    /// <summary>Two groups: one of three branches of a prefix, the last of one token; one of a single branch.</summary>
    private static (PackedBatch Shared, PackedBatch Separate) Batches(ReferenceModel reference)
    {
        var ids = reference.Ids("seq1.ids");
        int[] longer = [.. Enumerable.Range(0, 40).Select(i => ids[i % ids.Length])];
        PrefixedSequences[] groups = [new(longer[..Prefix], [longer[3..40], longer[5..20], longer[9..10]]), new(longer[1..(1 + Prefix)], [longer[8..25]])];
        return (new PackedBatch(groups), new PackedBatch([.. groups.SelectMany(group => group.Branches.Select(branch => (int[])[.. group.Prefix, .. branch]))]));
    }

    /// <summary>Gradients of a loss over the branches alone.</summary>
    private static float[] Gradients(ReferenceModel reference, PackedBatch batch, int skipped)
    {
        var (targets, weights) = (new int[batch.Rows], new float[batch.Rows]);
        for (var branch = 0; branch < batch.Starts.Length; branch++)
        {
            for (var i = 0; i < batch.Lengths[branch] - skipped; i++)
            {
                var row = batch.Starts[branch] + skipped + i;
                (targets[row], weights[row]) = ((3 * i) + branch, 0.1f * (branch + 1));
            }
        }

        using var gradients = new Gradients(reference.Model.Parameters.Layout);
        reference.Model.LossAndGradients(batch, targets, weights, gradients);
        return Rows.Floats(gradients.Flat).ToArray();
    }
}
