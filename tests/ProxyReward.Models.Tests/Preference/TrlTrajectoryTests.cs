using System.Numerics.Tensors;
using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>Whole training runs against TRL's own, at the tolerances that its README gives.</summary>
public sealed class TrlTrajectoryTests
{
    public static TheoryData<string> Variants => TrlVariant.All;

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_step_and_the_final_weights_equal_TRLs(string name)
    {
        using var variant = TrlVariant.Load(name);
        using var trainer = variant.Trainer();
        var expected = TrlVariant.Lines(variant.File("steps.jsonl")).Where(line => line.TryGetProperty("loss", out _)).ToList();

        Assert.Equal(expected.Count, variant.Plan.Steps);
        var firstLoss = expected[0].GetProperty("loss").GetDouble();
        foreach (var line in expected)
        {
            Compare(line, trainer.Step(), firstLoss);
        }

        variant.CompareWeights("final");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_first_gradient_before_clipping_and_the_weights_after_it_equal_TRLs(string name)
    {
        using var variant = TrlVariant.Load(name);
        using var trainer = variant.Trainer();
        var norm = trainer.Step().GradNorm;

        // A variant that only logs more than another one has no gradients of its own.
        if (File.Exists(variant.File("grad_step1.safetensors")))
        {
            using var expected = SafetensorsFolder.Open(variant.File("grad_step1.safetensors"));
            foreach (var tensor in expected.Shapes.Keys)
            {
                var theirs = new float[trainer.Gradients.Of(tensor).Length];
                expected.ReadFloat32(tensor, theirs);
                var distance = TensorPrimitives.Distance<float>(theirs, trainer.Gradients.Of(tensor));
                Assert.True(distance <= (1e-4 * TensorPrimitives.Norm<float>(theirs)) + (1e-6 * norm), $"{tensor}: off by {distance}");
            }
        }

        variant.CompareWeights("params_step1");
    }

    private static void Compare(JsonElement expected, TrainingStep step, double firstLoss)
    {
        double Of(string name) => expected.GetProperty(name).GetDouble();
        Assert.Equal(Of("loss"), step.Loss, 2e-5 * Math.Max(1, firstLoss));
        Assert.Equal(Of("learning_rate"), step.LearningRate, 1e-12);
        Assert.Equal(Of("grad_norm"), step.GradNorm, Math.Max(1e-5, 5e-4 * Of("grad_norm")));
        Assert.Equal(Of("rewards/chosen"), step.RewardsChosen, 1e-4);
        Assert.Equal(Of("rewards/rejected"), step.RewardsRejected, 1e-4);
        Assert.Equal(Of("rewards/margins"), step.RewardsMargins, 1e-4);
        Assert.Equal(Of("logps/chosen"), step.LogpsChosen, 2e-4);
        Assert.Equal(Of("logps/rejected"), step.LogpsRejected, 2e-4);
        Assert.Equal(Of("num_tokens"), step.NumTokens);
        Assert.Equal(Of("epoch"), step.Epoch, 1e-3);
    }
}
