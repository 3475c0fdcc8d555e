using System.Numerics.Tensors;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using TorchSharp;

namespace ProxyReward.Models.Tests.Transformer;

/// <summary>Forward and backward against Hugging Face, at the tolerances of the fixtures' README.</summary>
public sealed class LanguageModelTests
{
    public static TheoryData<string> Checkpoints => ReferenceModel.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Logits_and_log_probs_equal_the_reference(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var sequences = reference.Expected.GetProperty("sequences").GetArrayLength();
        Assert.NotEqual(0, sequences);
        var ids = Enumerable.Range(0, sequences).Select(i => reference.Ids($"seq{i}.ids")).ToList();

        // All sequences in one packed batch: none may see another.
        using var hidden = reference.Model.Forward(new PackedBatch(ids));
        using var logits = reference.Model.Head.Logits(hidden);
        var logProbs = reference.Model.Head.LogProbs(hidden, [.. Enumerable.Range(0, sequences).SelectMany(i => reference.Ids($"seq{i}.targets"))]);
        var rows = new Rows(logits);
        var row = 0;
        for (var i = 0; i < sequences; i++)
        {
            var expected = reference.Floats($"seq{i}.logits");
            var expectedLogProbs = reference.Floats($"seq{i}.logprobs");
            for (var t = 0; t < ids[i].Length; t++, row++)
            {
                AssertClose(expected.AsSpan(t * rows.Columns, rows.Columns), rows.InPlace(row), 2e-4f, $"logits of sequence {i}, token {t}");
                Assert.Equal(expectedLogProbs[t], logProbs[row], 2e-4f);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Hidden_states_equal_the_reference(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var batch = new PackedBatch([reference.Ids("seq1.ids")]);
        var seen = 0;
        Attention attention = (layer, qkv, attended) => new PackedAttention(reference.Model.Config, batch, reference.Model.WindowOf(layer)).Forward(qkv, attended);
        reference.Model.Forward(batch.Tokens, batch.Positions, attention, tape: null, (layer, x) =>
        {
            AssertClose(reference.Floats($"seq1.hidden{layer}"), Rows.Floats(x), 2e-4f, $"hidden {layer}");
            seen++;
        }).Dispose();
        Assert.Equal(reference.Model.Config.Layers + 1, seen);
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Gradients_equal_the_reference(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        foreach (var name in (string[])["full", "completion"])
        {
            var expected = reference.Expected.GetProperty("backward").GetProperty(name);
            int[] ids = [.. expected.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            int[] labels = [.. expected.GetProperty("labels").EnumerateArray().Select(id => id.GetInt32())];
            using var gradients = new Gradients(reference.Model.Parameters.Layout);
            var loss = MeanNegativeLogProb(reference.Model, ids, labels, gradients);

            Assert.Equal(expected.GetProperty("loss").GetDouble(), loss, 5e-5);
            foreach (var slot in reference.Model.Parameters.Layout.Slots)
            {
                var norm = expected.GetProperty("grad_norms").GetProperty(slot.Name).GetDouble();
                Assert.Equal(norm, TensorPrimitives.Norm<float>(gradients.Of(slot.Name)), (1e-4 * norm) + 1e-7);
            }

            if (name == "full")
            {
                CompareTensors(reference, gradients);
            }
        }
    }

    private static void CompareTensors(ReferenceModel reference, Gradients gradients)
    {
        var compared = 0;
        foreach (var tensor in reference.Numbers.Shapes.Keys.Where(key => key.StartsWith("grad.", StringComparison.Ordinal)))
        {
            var expected = reference.Floats(tensor);
            var distance = TensorPrimitives.Distance<float>(expected, gradients.Of(tensor["grad.".Length..]));
            Assert.True(distance <= 1e-4 * TensorPrimitives.Norm<float>(expected), $"{tensor}: off by {distance}");
            compared++;
        }

        Assert.NotEqual(0, compared);
    }

    /// <summary>Cross-entropy over the labels that are not −100, shifted by one, as in transformers.</summary>
    private static double MeanNegativeLogProb(LanguageModel model, int[] ids, int[] labels, Gradients gradients)
    {
        using var work = new Workspace();
        using var tape = new Tape(model.Config, work);
        var batch = new PackedBatch([ids]);
        using var hidden = model.Forward(batch, tape);
        int[] targets = [.. labels.Skip(1), -100];
        var scored = targets.Count(target => target >= 0);
        float[] weights = [.. targets.Select(target => target >= 0 ? -1f / scored : 0)];
        var (dHidden, logProbs) = model.Head.Backward(hidden, ScoredTokens.AfterEachRow([.. targets.Select(target => Math.Max(target, 0))]), weights, gradients);
        using (dHidden)
        {
            model.Backward(batch, tape, dHidden, gradients);
        }

        return logProbs.Zip(weights, (logProb, weight) => (double)logProb * weight).Sum();
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{what}, element {i}: {actual[i]} instead of {expected[i]}");
        }
    }
}
