using System.Numerics.Tensors;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Native;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Tests.Preference;
using ProxyReward.Testing;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Distributed;

/// <summary>Ranks are threads here; <c>mpirun</c> is for the tests of the command line.</summary>
public sealed class SharedStepTests
{
    public SharedStepTests() => NativeEngine.Load();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Ranks_do_the_step_of_one_process(int count)
    {
        var (alone, gradient) = FirstStep(Ranks.Single);
        foreach (var (step, shared) in ThreadRanks.Run(count, FirstStep))
        {
            Assert.Equal(alone with { GradNorm = step.GradNorm }, step); // sums with zeros: not a bit is lost
            Assert.Equal(alone.GradNorm, step.GradNorm, 1e-5 * alone.GradNorm);
            Assert.True(TensorPrimitives.Distance(gradient, shared) <= 1e-5 * TensorPrimitives.Norm(gradient));
        }
    }

    [Fact]
    public void Ranks_that_start_from_other_weights_or_numbers_are_refused()
    {
        ThreadRanks.Run(2, ranks => Begin(ranks, 1, 5));
        Assert.Contains("not read the same model", Assert.Throws<InvalidOperationException>(() => ThreadRanks.Run(2, ranks => Begin(ranks, ranks.Rank, 5))).Message, StringComparison.Ordinal);
        Assert.Contains("not read the same model", Assert.Throws<InvalidOperationException>(() => ThreadRanks.Run(2, ranks => Begin(ranks, 1, ranks.Rank))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_first_rank_says_holds_for_all() =>
        Assert.Equal([true, true, true], ThreadRanks.Run(3, ranks => ranks.FirstSays(ranks.IsFirst) && !ranks.FirstSays(!ranks.IsFirst)));

    private static bool Begin(Ranks ranks, float weight, long number)
    {
        using var weights = torch.tensor([0.5f, weight]);
        SameStart.Require(ranks, weights, 18, number);
        return true;
    }

    // Four micro-batches a step: an even share for two ranks, an uneven one for three, and none for the fifth of five.
    private static (TrainingStep Step, float[] Gradient) FirstStep(Ranks ranks)
    {
        var dpo = FixtureRoot.Require("dpo");
        using var model = TrlVariant.OpenModel(Directory.EnumerateDirectories(Path.Combine(dpo, "models")).Order(StringComparer.Ordinal).First());
        var options = new DpoOptions { BatchSize = 2, GradientAccumulation = 4, Epochs = 1 };
        var plan = new TrainingPlan([.. TrlVariant.PairsOf(Path.Combine(dpo, "data", "pairs.jsonl")).Take(8)], options, shuffle: false);
        using var trainer = new DpoTrainer(model, plan, options, TestContext.Current.CancellationToken, ranks: ranks);
        return (trainer.Step(), Rows.Floats(trainer.Gradients.Flat).ToArray());
    }
}
