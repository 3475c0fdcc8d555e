using ProxyReward.Evaluation;
using ProxyReward.Training;

namespace ProxyReward.Tests.Evaluation;

public sealed class SignatureTests
{
    private static readonly ArmSummary Start = Arm("accuracy", .44);

    [Fact]
    public void A_sound_run_has_none() => Assert.Empty(Signatures.Find(Start, [Trained("iteration 1", Arm("accuracy", .57))], []));

    [Fact]
    public void A_judge_below_the_base_is_named() =>
        Assert.Equal(["judge_below_base"], Names([Trained("iteration 1", Arm("accuracy", .57))], [Trained("control judge", Arm("judge", .40))]));

    [Fact]
    public void A_second_iteration_below_the_first_is_named() =>
        Assert.Equal(["held_out_falling"], Names([Trained("iteration 1", Arm("accuracy", .57)), Trained("iteration 2", Arm("accuracy", .56))], []));

    [Fact]
    public void A_control_that_does_as_well_is_named() =>
        Assert.Equal(["control_as_good"], Names([Trained("iteration 1", Arm("accuracy", .57))], [Trained("control length", Arm("length", .58))]));

    [Theory]
    [InlineData(.3, .2, new string[0])]
    [InlineData(.3, -.2, new string[0])]
    [InlineData(-.1, .2, new[] { "chosen_logp_falling" })]
    [InlineData(-.1, -.2, new[] { "chosen_logp_falling", "both_rewards_falling" })]
    public void Falling_rewards_at_the_end_of_a_training_are_named(double chosen, double rejected, string[] expected) =>
        Assert.Equal(expected, Names([Trained("iteration 1", Arm("accuracy", .57), Step(chosen, rejected))], []));

    [Theory]
    [InlineData("length_growth", 126, .2, .05, .1)]
    [InlineData("duplicates_high", 100, .26, .05, .1)]
    [InlineData("truncated_high", 100, .2, .11, .1)]
    [InlineData("repetition_growth", 100, .2, .05, .16)]
    public void Each_threshold_names_its_own_signature(string expected, double tokens, double duplicates, double truncated, double repetition)
    {
        var arm = Arm("accuracy", .57) with { LengthTokens = E(tokens), Duplicates = E(duplicates), Truncated = E(truncated), Repetition = E(repetition) };
        Assert.Equal([expected], Names([Trained("iteration 1", arm)], []));
    }

    [Fact]
    public void A_gain_that_vanishes_within_120_tokens_is_named()
    {
        var arm = Arm("accuracy", .57) with { DifferenceToBase = new(new(.13, .1, .16, 24), new(-.01, -.03, .01, 24)) };
        var sign = Assert.Single(Signatures.Find(Start, [Trained("iteration 1", arm)], []));
        Assert.Equal(("gain_from_length", "iteration 1: accuracy rose by 13.0 points, but not within the first 120 tokens (-1.0 points)"), (sign.Name, sign.Detail));
    }

    [Fact]
    public void What_to_do_is_said_beside_the_numbers_and_not_among_them()
    {
        var signs = Signatures.Find(Start, [.. new[] { "iteration 1", "iteration 2" }.Select(name => Trained(name, Arm("accuracy", .57) with { LengthTokens = E(126) }))], []);
        Assert.Equal(["iteration 1: 126 tokens, base 100", "iteration 2: 126 tokens, base 100"], signs.Select(s => s.Detail));
        Assert.Contains("pairs.length_matched", Assert.Single(signs.Select(s => s.Mend).Distinct(StringComparer.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_base_sampled_colder_has_no_training_to_mend()
    {
        var colder = Arm("accuracy", .5) with { Reward = null, Repetition = E(.3) };
        Assert.Equal(new Signature("repetition_growth", "control temperature: 30.0 % of the 4-grams are repeated, base 10.0 %"), Assert.Single(Signatures.Find(Start, [], [Trained("control temperature", colder)])));
    }

    [Fact]
    public void Iteration_1_sampled_colder_is_no_control_that_is_as_good()
    {
        var colder = Trained("control trained_temperature", Arm("accuracy", .7) with { Reward = null, Iteration = 1 });
        Assert.Empty(Names([Trained("iteration 1", Arm("accuracy", .6))], [colder]));
        Assert.Equal(["control_as_good"], Names([Trained("iteration 1", Arm("accuracy", .6))], [colder with { Summary = colder.Summary with { Iteration = 0 } }]));
    }

    [Fact]
    public void A_model_that_is_surely_worse_than_the_base_is_named()
    {
        var arm = Arm("accuracy", .3) with { DifferenceToBase = new(new(-.14, -.2, -.1, 24), new(-.1, -.2, 0, 24)) };
        Assert.Equal(["below_base"], Names([Trained("iteration 1", arm)], []));
    }

    private static IEnumerable<string> Names(IReadOnlyList<TrainedArm> iterations, IReadOnlyList<TrainedArm> controls) =>
        Signatures.Find(Start, iterations, controls).Select(s => s.Name);

    private static TrainedArm Trained(string name, ArmSummary summary, params TrainingStep[] steps) => new(name, summary, steps);

    private static Estimate E(double mean) => new(mean, mean - .03, mean + .03, 24);

    private static ArmSummary Arm(string reward, double accuracy) => new()
    {
        Iteration = 1,
        Reward = reward,
        Pairs = 48,
        DifferenceToBase = new(new(.13, -.1, .16, 24), new(.02, 0, .04, 24)),
        Accuracy = E(accuracy),
        AccuracyAt120 = E(.35),
        Precision = E(.95),
        Contradicted = E(.07),
        Duplicates = E(.2),
        Repetition = E(.1),
        Truncated = E(.05),
        LengthTokens = E(100),
    };

    private static TrainingStep Step(double chosen, double rejected) => new()
    {
        Step = 1,
        Epoch = 1,
        Loss = .6,
        GradNorm = 1,
        LearningRate = 1e-4,
        RewardsChosen = chosen,
        RewardsRejected = rejected,
        RewardsAccuracies = 1,
        RewardsMargins = chosen - rejected,
        LogpsChosen = -40,
        LogpsRejected = -50,
        NumTokens = 100,
    };
}
