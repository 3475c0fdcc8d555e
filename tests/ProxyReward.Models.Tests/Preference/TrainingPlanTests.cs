using System.Text.Json;
using ProxyReward.Models.Preference;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Models.Tests.Preference;

public sealed class TrainingPlanTests
{
    [Fact]
    public void Learning_rates_equal_those_of_transformers()
    {
        var root = FixtureRoot.Require("dpo");
        using var schedules = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, "schedules.json")));
        var compared = 0;
        foreach (var schedule in schedules.RootElement.EnumerateArray())
        {
            // "constant" of transformers ignores the warm-up; ours is its constant_with_warmup.
            var (name, warmup) = (schedule.GetProperty("lr_scheduler_type").GetString()!, schedule.GetProperty("warmup_steps_argument").GetDouble());
            if (name == "constant" && warmup > 0)
            {
                continue;
            }

            var options = new DpoOptions
            {
                LearningRate = 1,
                Schedule = Enum.Parse<LearningRateSchedule>(name.Split('_')[0], ignoreCase: true),
                WarmupSteps = warmup >= 1 ? (int)warmup : 0,
                WarmupRatio = warmup < 1 ? warmup : 0,
            };
            var plan = new TrainingPlan([new TokenPair([1], [2], [3])], options, shuffle: false, schedule.GetProperty("total_steps").GetInt32());
            var expected = schedule.GetProperty("multiplier_of_step").EnumerateArray().Select(x => x.GetDouble()).ToList();
            Assert.Equal(expected.Count, plan.Steps);
            for (var step = 0; step < expected.Count; step++)
            {
                Assert.Equal(expected[step], plan.LearningRateAt(step), 1e-12);
                compared++;
            }
        }

        Assert.NotEqual(0, compared);
    }

    [Fact]
    public void Accumulation_groups_end_with_their_epoch_and_the_last_takes_what_is_left()
    {
        var pairs = Enumerable.Range(0, 7).Select(i => new TokenPair([1], [2, i], [3])).ToList();
        var plan = new TrainingPlan(pairs, new DpoOptions { BatchSize = 2, GradientAccumulation = 3, Epochs = 2 }, shuffle: false);

        Assert.Equal([[0, 1, 2], [3], [0, 1, 2], [3]], Enumerable.Range(0, plan.Steps).Select(plan.MicroBatchesOf));
        Assert.Equal([0.75, 1, 1.75, 2], Enumerable.Range(0, plan.Steps).Select(plan.EpochAfter));
    }
}
