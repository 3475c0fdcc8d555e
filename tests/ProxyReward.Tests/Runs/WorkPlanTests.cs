using ProxyReward.Pairs;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Testing;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Runs;

public sealed class WorkPlanTests
{
    private static readonly Recipe Recipe = new()
    {
        Name = "planned",
        Model = "m",
        Questions = new() { Train = "t", HeldOut = "h" },
        Reader = ReaderKind.Evidence,
        Iterations = 2,
        Controls = [ControlKind.Random, ControlKind.Temperature],
        Responses = new() { K = 8, MaxNewTokens = 100 },
        Pairs = new() { QuestionShare = 0.45, PerQuestion = 2 },
        Dpo = new() { BatchSize = 2, GradientAccumulation = 2, Epochs = 3 },
        Evaluation = new() { Responses = 4 },
    };

    private static readonly QuestionSplits Questions = new(FakeLab.Questions("train", 10), [], FakeLab.Questions("held-out", 5));

    [Fact]
    public void A_run_is_counted_before_it_begins()
    {
        // Trained on: 2 · 8 responses to each of 10. Compared: base, two iterations, two controls, 4 responses to each of 5.
        // 45 % of 10 questions, rounded up, give 5 · 2 pairs: 5 micro-batches, 3 steps an epoch.
        Assert.Equal(new WorkPlan(160 + 100, 26_000, 16, DevTexts: 0, JudgedTexts: 0, 20, TrainedModels: 3, Pairs: 10, Steps: 9), WorkPlan.Of(Recipe, Questions));
    }

    [Fact]
    public void Without_iterations_only_the_base_is_evaluated() =>
        Assert.Equal(new WorkPlan(20, 2_000, 0, 0, 0, 4, 0, 10, 9), WorkPlan.Of(Recipe with { Iterations = 0, Controls = [] }, Questions));

    [Theory]
    [InlineData(RewardKind.Judge, 0, 16)] // both iterations
    [InlineData(RewardKind.Mix, 0.5, 16)]
    [InlineData(RewardKind.Accuracy, 0, 8)] // for the control alone: the responses of iteration 1
    public void Texts_are_judged_where_a_reward_asks_for_it(RewardKind reward, double weight, int texts) =>
        Assert.Equal(texts, WorkPlan.Of(Recipe with { Reward = reward, Mix = new() { Judge = weight }, Controls = [ControlKind.Length, ControlKind.Judge] }, Questions).JudgedTexts);

    [Fact]
    public void An_indicator_asks_the_judge_about_every_iteration() =>
        Assert.Equal(16, WorkPlan.Of(Recipe with { Pairs = Recipe.Pairs with { Indicators = [Indicator.Judge] } }, Questions).JudgedTexts);

    [Fact]
    public void Dev_questions_are_answered_by_the_base_and_each_iteration_where_they_choose()
    {
        var questions = Questions with { Dev = FakeLab.Questions("dev", 3) };
        var plan = WorkPlan.Of(Recipe with { Keep = IterationKeep.BestOnDev }, questions);
        Assert.Equal((12, 260 + 36), (plan.DevTexts, plan.Responses)); // (1 + 2) · 4 to each of 3
        Assert.Equal((0, 260), (WorkPlan.Of(Recipe, questions).DevTexts, WorkPlan.Of(Recipe, questions).Responses));
    }
}
