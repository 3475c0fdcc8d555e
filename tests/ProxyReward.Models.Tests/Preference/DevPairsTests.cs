using System.Text.Json;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Preference;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>Scores of dev pairs during a training, as TRL logged them.</summary>
public sealed class DevPairsTests
{
    [Fact]
    public void Evaluations_during_a_training_equal_those_of_TRL()
    {
        var evaluated = 0;
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Require("dpo"), "variants")).Where(folder => File.Exists(Path.Combine(folder, "eval.jsonl"))))
        {
            using var variant = TrlVariant.Load(Path.GetFileName(folder)!);
            using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
            var options = variant.Options with { BatchSize = config.RootElement.GetProperty("args").GetProperty("per_device_eval_batch_size").GetInt32() };
            var pairs = TrlVariant.PairsOf(Path.Combine(Path.GetDirectoryName(variant.File(config.RootElement.GetProperty("data").GetString()!))!, "eval.jsonl")).ToList();
            var batches = DevPairs.BatchesOf(pairs, options);
            double[][] reference = [.. ReferenceScores.Score(variant.Model, batches, Ranks.Single, TestContext.Current.CancellationToken)];
            var dev = new DevPairs(variant.Model, batches, reference, options, Ranks.Single);
            using var trainer = variant.Trainer();
            foreach (var expected in TrlVariant.Lines(Path.Combine(folder, "eval.jsonl")))
            {
                double Of(string name) => expected.GetProperty(name).GetDouble();
                while (trainer.StepsDone < Of("step"))
                {
                    trainer.Step();
                }

                var score = dev.Score(trainer.StepsDone, Of("epoch"), TestContext.Current.CancellationToken);
                using var json = JsonSerializer.SerializeToDocument(score, Json.Line);
                foreach (var value in json.RootElement.EnumerateObject())
                {
                    Assert.True(
                        Math.Abs(Of(value.Name) - value.Value.GetDouble()) < (value.Name.Contains("logps", StringComparison.Ordinal) ? 5e-4 : 1e-4),
                        $"{value.Name} at step {score.Step}: {value.Value}, TRL {Of(value.Name)}");
                }

                evaluated++;
            }
        }

        Assert.True(evaluated > 0, "no variant has evaluations");
    }

    [Fact]
    public void Weights_that_a_training_has_ruined_are_not_called_damaged_ones()
    {
        var dpo = FixtureRoot.Require("dpo");
        using var model = TrlVariant.OpenModel(Directory.EnumerateDirectories(Path.Combine(dpo, "models")).Order(StringComparer.Ordinal).First());
        var options = new DpoOptions();
        var batches = DevPairs.BatchesOf([.. TrlVariant.PairsOf(Path.Combine(dpo, "data", "pairs.jsonl")).Take(2)], options);
        double[][] reference = [.. ReferenceScores.Score(model, batches, Ranks.Single, TestContext.Current.CancellationToken)];
        model.Parameters.MasterOf("model.norm.weight")[0] = float.PositiveInfinity;
        var error = Assert.Throws<InvalidOperationException>(() => new DevPairs(model, batches, reference, options, Ranks.Single).Score(3, 1, TestContext.Current.CancellationToken));
        Assert.StartsWith("log-probs of the dev pairs are not finite after step 3: the training diverged", error.Message, StringComparison.Ordinal);
    }
}
