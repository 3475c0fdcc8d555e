using System.Text.Json;
using ProxyReward.Models.Policies;
using ProxyReward.Runs;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Cli.Tests.Trainings;

/// <summary>The loop with what this folder tests: LoRA, a precision of its own, divergence from the base, and the pairs of a run for another training.</summary>
public sealed class LoopTests : IDisposable
{
    private readonly TrainingLab lab = new();

    public LoopTests()
    {
        Directory.CreateDirectory(lab["questions"]);
        foreach (var (split, from) in new[] { ("train", 0), ("held-out", 10) })
        {
            File.WriteAllLines(lab[$"questions/{split}.jsonl"], Enumerable.Range(from, 3).Select(i => JsonSerializer.Serialize(new
            {
                id = $"{split}-{i}",
                domain = "towns",
                meta_question = $"Write an article about town {i}.",
                proxies = new[] { new { id = $"{split}-{i}-p", statement = "It is a town.", answer = true, evidence = new[] { "town" } } },
            })));
        }

        File.WriteAllText(lab["questions/recipe.yaml"], $$$"""
            name: lora
            model: {{{TrainingLab.Model}}}
            questions: {train: train.jsonl, held_out: held-out.jsonl}
            reader: evidence
            reward: random
            iterations: 2
            responses: {k: 4, max_new_tokens: 24, batch: 12}
            pairs: {question_share: 1}
            dpo: {batch_size: 1, gradient_accumulation: 1, epochs: 4, learning_rate: 1e-3, max_length: 128, precision: fp32, lora: {r: 4}}
            evaluation: {responses: 2, bootstrap_draws: 100, kl_responses: 2}
            """);
    }

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task A_policy_with_LoRA_goes_through_two_iterations()
    {
        Assert.True(await lab.RunAsync("run", lab["questions/recipe.yaml"], "--out", lab["run"]) == 0, lab.Error);
        var divergences = new List<double>();
        foreach (var iteration in new[] { "iteration-1", "iteration-2" })
        {
            Assert.True(File.Exists(lab[$"run/{iteration}/checkpoint/adapter/adapter_model.safetensors"]));
            var steps = Jsonl.Read<TrainingStep>(new RunFolder(lab["run"]), $"{iteration}/training.jsonl");
            Assert.Equal(Math.Log(2), steps[0].Loss, 1e-6); // the reference of each iteration is the model that it began with
            using var divergence = JsonDocument.Parse(File.ReadAllBytes(lab[$"run/{iteration}/divergence.json"]));
            divergences.Add(divergence.RootElement.GetProperty("kl").GetProperty("mean").GetDouble());
            Assert.Equal(0.1 * divergences[^1], divergence.RootElement.GetProperty("reward_drift").GetDouble(), 1e-9);
            Assert.Equal(6, divergence.RootElement.GetProperty("responses").GetInt32());
            using var result = JsonDocument.Parse(File.ReadAllBytes(lab[$"run/{iteration}/training.json"]));
            Assert.Equal("fp32", result.RootElement.GetProperty("precision").GetString());
        }

        Assert.True(divergences[0] > 0, $"{divergences[0]}");
        using var first = LocalModel.Open(lab["run/iteration-1/checkpoint"], torch.ScalarType.Float32);
        using var second = LocalModel.Open(lab["run/iteration-2/checkpoint"], torch.ScalarType.Float32);
        Assert.NotEqual(Weights(first), Weights(second));
    }

    [Fact]
    public async Task Log_probs_of_responses_are_those_that_a_training_sees()
    {
        Assert.True(await lab.RunAsync("run", lab["questions/recipe.yaml"], "--out", lab["run"], "--set", "iterations=1") == 0, lab.Error);
        var run = new RunFolder(lab["run"]);
        var pairs = RunPairs.Of(run, 1);
        using var policy = new LocalPolicyLoader().Load(TrainingLab.Model, ComputePrecision.Fp32, new());
        var chosen = policy.LogProbs([.. pairs.Select(pair => (pair.Question, pair.Chosen))], TestContext.Current.CancellationToken);
        var steps = Jsonl.Read<TrainingStep>(run, "iteration-1/training.jsonl");
        Assert.Contains(chosen, logProb => Math.Abs(logProb - steps[0].LogpsChosen) < 1e-3);
    }

    [Fact]
    public async Task The_pairs_of_a_run_train_another_model()
    {
        Assert.True(await lab.RunAsync("run", lab["questions/recipe.yaml"], "--out", lab["run"], "--set", "iterations=1") == 0, lab.Error);
        var arguments = lab.Arguments("other");
        arguments[1] = lab["run/iteration-1/pairs.jsonl"];
        Assert.True(await lab.RunAsync(arguments) == 0, lab.Error);
        Assert.Contains($"{File.ReadAllLines(arguments[1]).Length} pairs trained on, 0 left out", lab.Error, StringComparison.Ordinal);
        Assert.True(await lab.RunAsync("export", lab["run"], "--format", "openai", "--out", lab["openai.jsonl"]) == 0, lab.Error);
        arguments = lab.Arguments("exported");
        arguments[1] = lab["openai.jsonl"];
        Assert.True(await lab.RunAsync(arguments) == 0, lab.Error);
        Assert.Equal(File.ReadAllBytes(lab.Checkpoint("other")), File.ReadAllBytes(lab.Checkpoint("exported")));
    }

    private static float[] Weights(LocalModel model) => model.Network.Parameters.MasterOf("model.layers.0.self_attn.q_proj.weight").ToArray();
}
