using System.Numerics.Tensors;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Tests.Transformer;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>How pairs are laid into batches, and logits into chunks, changes no number beyond rounding.</summary>
public sealed class BatchingTests
{
    public static TheoryData<string> Models => FixtureRoot.Find("dpo") is { } root
        ? [.. Directory.EnumerateFiles(Path.Combine(root, "data"), "initial_logps.*.jsonl").Select(file => Path.GetFileName(file).Split('.')[1]).Order(StringComparer.Ordinal)]
        : [""];

    [Theory]
    [MemberData(nameof(Models))]
    public void Packed_log_probs_equal_those_of_one_sequence_at_a_time(string name)
    {
        // The expected numbers were computed in float64, one sequence at a time.
        using var model = Open(name);
        var pairs = Pairs();
        var expected = TrlVariant.Lines(Path.Combine(FixtureRoot.Require("dpo"), "data", $"initial_logps.{name}.jsonl")).ToList();
        Assert.Equal(pairs.Count, expected.Count);
        var batch = new PairBatch(pairs);
        using var hidden = model.Forward(batch.Packed);
        var scored = model.Head.LogProbs(hidden, batch.Scored);
        var at = 0;
        foreach (var (side, first) in (ReadOnlySpan<(string, int)>)[("chosen", 0), ("rejected", pairs.Count)])
        {
            for (var i = 0; i < pairs.Count; i++)
            {
                Assert.Equal(expected[i].GetProperty($"{side}_sum").GetDouble(), batch.Sum(scored)[first + i], 2e-4);
                foreach (var token in expected[i].GetProperty($"{side}_per_token").EnumerateArray())
                {
                    Assert.Equal(token.GetDouble(), scored[at++], 2e-4);
                }
            }
        }

        Assert.Equal(scored.Length, at);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void One_batch_of_8_pairs_equals_8_batches_of_1(string name)
    {
        var (whole, wholeGradient) = FirstStep(name, 8, 1);
        var (parts, partsGradient) = FirstStep(name, 1, 8);

        Assert.Equal(whole.Loss, parts.Loss, 1e-6);
        Assert.Equal(whole.RewardsMargins, parts.RewardsMargins, 1e-6);
        Assert.Equal(whole.NumTokens, parts.NumTokens);
        Assert.True(whole.GradNorm > 0.1);
        Assert.True(TensorPrimitives.Distance<float>(wholeGradient, partsGradient) < 1e-5 * whole.GradNorm);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_prompt_laid_once_for_both_completions_equals_a_copy_for_each(string name)
    {
        var (once, onceGradient) = FirstStep(name, 4, 2);
        var (twice, twiceGradient) = FirstStep(name, 4, 2, sharePrompts: false);

        Assert.Equal(Math.Log(2), once.Loss, 15);
        Assert.Equal(twice.LogpsChosen, once.LogpsChosen, 2e-4);
        Assert.Equal(twice.LogpsRejected, once.LogpsRejected, 2e-4);
        Assert.Equal(twice.NumTokens, once.NumTokens);
        Assert.True(TensorPrimitives.Distance<float>(twiceGradient, onceGradient) < 1e-5 * twice.GradNorm);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Activation_checkpointing_keeps_inputs_alone_and_changes_no_bit_of_a_step(string name)
    {
        var (kept, keptGradient) = FirstStep(name, 4, 2);
        var (again, againGradient) = FirstStep(name, 4, 2, checkpointing: true);

        Assert.Equal(kept, again);
        Assert.Equal(keptGradient, againGradient);
    }

    [Fact]
    public void A_prompt_is_laid_once_and_its_last_row_predicts_both_first_tokens()
    {
        var batch = new PairBatch([new TokenPair([1, 2], [3, 4], [5]), new TokenPair([], [6, 7, 8], [9, 6])]);

        Assert.Equal([1, 2, 3, 6, 7, 9], batch.Packed.Tokens);
        Assert.Equal([0, 1, 2, 0, 1, 0], batch.Packed.Positions);
        Assert.Equal([1, 2, 3, 4, 1, 5], batch.Scored.Rows);
        Assert.Equal([3, 4, 7, 8, 5, 6], batch.Scored.Targets);
        Assert.Equal(PairBatch.RowsOf(2, 2, 1) + PairBatch.RowsOf(0, 3, 2), batch.Packed.Rows);
        Assert.Equal([1, 2 + 4, 8, 16], batch.Sum([1, 0, 2, 4, 8, 16]));
        Assert.Equal([1, 1, 2, 2, 3, 4], batch.Spread([1, 2], [3, 4]));
    }

    [Fact]
    public void A_chunked_head_equals_full_logits_in_value_and_gradient()
    {
        const int rows = 300, vocabulary = 1 << 16; // chunks of 256 rows
        var config = TinyModel.Config with { VocabSize = vocabulary };
        using var model = new LanguageModel(config, new Parameters(new ParameterLayout(config), torch.ScalarType.Float32));
        using var mode = torch.no_grad();
        torch.random.manual_seed(3);
        model.Parameters.Master.normal_(0, 0.5);
        using var hidden = torch.randn(rows, 8);
        int[] targets = [.. Enumerable.Range(0, rows).Select(i => i * 7919 % vocabulary)];
        float[] weights = [.. Enumerable.Range(0, rows).Select(i => (i % 5) - 2f)];
        using var gradients = new Gradients(model.Parameters.Layout);
        var (dHidden, logProbs) = model.Head.Backward(hidden, ScoredTokens.AfterEachRow(targets), weights, gradients);

        // The same with every logit at once: d log p(target) / d logits = onehot − softmax.
        var head = model.Parameters.View("lm_head.weight");
        using var full = torch.nn.functional.log_softmax(hidden.mm(head.t()), 1); // [rows, vocabulary]
        using var index = torch.tensor(targets.Select(target => (long)target).ToArray()).unsqueeze(1);
        using var dLogits = (torch.zeros_like(full).scatter(1, index, torch.ones(rows, 1)) - full.exp()) * torch.tensor(weights).unsqueeze(1);
        using var expectedLogProbs = full.gather(1, index);
        using var expectedHidden = dLogits.mm(head);
        using var expectedHead = dLogits.t().mm(hidden);
        Near(Rows.Floats(expectedLogProbs.contiguous()), logProbs);
        Near(Rows.Floats(expectedLogProbs.contiguous()), model.Head.LogProbs(hidden, targets));
        Near(Rows.Floats(expectedHidden.contiguous()), Rows.Floats(dHidden));
        Near(Rows.Floats(expectedHead.contiguous()), gradients.Of("lm_head.weight"));
        dHidden.Dispose();
    }

    private static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(TensorPrimitives.Distance(expected, actual) <= 1e-5 * TensorPrimitives.Norm(expected));
    }

    private static (TrainingStep Step, float[] Gradient) FirstStep(string name, int batch, int accumulation, bool sharePrompts = true, bool checkpointing = false)
    {
        using var model = Open(name);
        var options = new DpoOptions { BatchSize = batch, GradientAccumulation = accumulation, Epochs = 1, ActivationCheckpointing = checkpointing };
        using var trainer = new DpoTrainer(
            model, new TrainingPlan([.. Pairs().Take(8)], options, shuffle: false, sharePrompts: sharePrompts), options, TestContext.Current.CancellationToken);
        using var tape = trainer.NewTape();
        Assert.Equal(checkpointing, tape.InputsOnly);
        return (trainer.Step(), Rows.Floats(trainer.Gradients.Flat).ToArray());
    }

    private static LanguageModel Open(string name) => TrlVariant.OpenModel(Path.Combine(FixtureRoot.Require("dpo"), "models", name));

    private static List<TokenPair> Pairs() => [.. TrlVariant.PairsOf(Path.Combine(FixtureRoot.Require("dpo"), "data", "pairs.jsonl"))];
}
