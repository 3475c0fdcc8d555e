using ProxyReward.Models.Native;
using ProxyReward.Models.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Tests.Transformer;

/// <summary>Buffers that serve again: whoever takes rows fills them, so what others left there changes no bit.</summary>
public sealed class WorkspaceTests
{
    public WorkspaceTests() => NativeEngine.Load();

    public static TheoryData<string, bool> Passes
    {
        get
        {
            var passes = new TheoryData<string, bool>();
            foreach (var checkpoint in ReferenceModel.All)
            {
                passes.Add(checkpoint.Data, false);
                passes.Add(checkpoint.Data, true);
            }

            return passes;
        }
    }

    [Theory]
    [MemberData(nameof(Passes))]
    public void What_was_left_in_the_rows_changes_no_bit(string checkpoint, bool inputsOnly)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var ids = reference.Ids("seq1.ids");
        PackedBatch small = new([ids]), large = new([ids, ids]);
        using Workspace empty = new(), spoiled = new(large.Rows) { Fill = float.NaN };
        foreach (var batch in (PackedBatch[])[small, large, small])
        {
            var expected = Pass(reference.Model, batch, inputsOnly, empty); // grows with the second batch
            Assert.DoesNotContain(expected, float.IsNaN);
            Assert.Equal(expected, Pass(reference.Model, batch, inputsOnly, spoiled));
        }
    }

    [Fact]
    public void Rows_in_use_stay_as_they_are_when_a_larger_batch_comes()
    {
        using var work = new Workspace(rows: 2);
        var first = work.Take(2, 3, ScalarType.Float32);
        first.fill_(1);
        var larger = work.Take(5, 3, ScalarType.Float32);
        larger.fill_(2);
        Assert.Equal(6, first.sum().item<float>());
        work.Return(first);
        work.Return(larger);
        using var again = work.Take(5, 3, ScalarType.Float32);
        Assert.Equal(30, again.sum().item<float>()); // the large one served again, the small one was freed
    }

    [Fact]
    public void Rows_are_given_back_once()
    {
        using var work = new Workspace();
        var rows = work.Take(1, 1, ScalarType.Float32);
        work.Return(rows);
        Assert.Throws<ArgumentException>(() => work.Return(rows));
    }

    [Fact]
    public void A_scope_gives_back_all_but_what_is_kept()
    {
        using var work = new Workspace();
        Tensor kept;
        using (var scope = work.Begin(2))
        {
            scope.Take(3, ScalarType.Float32);
            kept = scope.Keep(scope.Take(4, ScalarType.Float32));
        }

        work.Return(kept); // still in use
    }

    /// <summary>The gradient of every parameter, of a loss that scores every row.</summary>
    private static float[] Pass(LanguageModel model, PackedBatch batch, bool inputsOnly, Workspace work)
    {
        using var mode = no_grad();
        using var gradients = new Gradients(model.Parameters.Layout);
        using var tape = new Tape(model.Config, work, inputsOnly);
        using var hidden = model.Forward(batch, tape);
        var scored = new ScoredTokens([.. Enumerable.Range(0, batch.Rows)], batch.Tokens);
        var (dHidden, _) = model.Head.Backward(hidden, scored, [.. Enumerable.Range(0, batch.Rows).Select(row => 0.1f * (row + 1))], gradients);
        using (dHidden)
        {
            model.Backward(batch, tape, dHidden, gradients);
        }

        return gradients.Flat.data<float>().ToArray();
    }
}
