using System.Numerics.Tensors;
using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>Whole training runs against TRL's own, at the tolerances that its README gives.</summary>
public sealed class TrlTrajectoryTests
{
    /// <summary>Variants this trainer can follow: full fine-tuning in fp32 with a pair-mean loss. The others are named in <see cref="Others"/>.</summary>
    public static TheoryData<string> Variants => FixtureRoot.Find("dpo") is { } root
        ? [.. Directory.EnumerateDirectories(Path.Combine(root, "variants")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)]
        : [""];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_step_and_the_final_weights_equal_TRLs(string variant)
    {
        var root = FixtureRoot.Require("dpo");
        var folder = Path.Combine(root, "variants", variant);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        var args = json.RootElement.GetProperty("args");
        Assert.SkipWhen(Unsupported(json.RootElement, args) is not null, $"{variant}: {Unsupported(json.RootElement, args)} is not trained yet");
        var options = OptionsOf(args);
        var modelFolder = Path.GetFullPath(Path.Combine(folder, json.RootElement.GetProperty("model").GetString()!));

        var config = ConfigReader.Read(modelFolder);
        var layout = new ParameterLayout(config);
        using var start = SafetensorsFolder.Open(modelFolder);
        using var model = new LanguageModel(config, Parameters.Load(layout, start, modelFolder, torch.ScalarType.Float32));
        var pairs = TokenPair.Fit(PairsOf(Path.Combine(folder, json.RootElement.GetProperty("data").GetString()!))
            .Take(json.RootElement.GetProperty("n_pairs_given").GetInt32()), options);
        var plan = new TrainingPlan(pairs, options, shuffle: false, Number(args, "max_steps") is { } steps and > 0 ? (int)steps : null);
        using var trainer = new DpoTrainer(model, plan, options, TestContext.Current.CancellationToken);
        var expected = File.ReadAllLines(Path.Combine(folder, "steps.jsonl")).Where(line => line.Length > 0)
            .Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("loss", out _)).ToList();

        Assert.Equal(expected.Count, plan.Steps);
        var firstLoss = expected[0].GetProperty("loss").GetDouble();
        foreach (var line in expected)
        {
            Compare(line, trainer.Step(), firstLoss);
        }

        // A variant that only logs more than another one has no weights of its own.
        if (File.Exists(Path.Combine(folder, "final.safetensors")))
        {
            CompareWeights(Path.Combine(folder, "final.safetensors"), start, model.Parameters);
        }
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

    private static void CompareWeights(string path, SafetensorsFolder start, Parameters trained)
    {
        using var final = SafetensorsFolder.Open(path);
        double error = 0, moved = 0;
        foreach (var slot in trained.Layout.Slots)
        {
            float[] before = new float[slot.Size], after = new float[slot.Size];
            start.ReadFloat32(slot.Name, before);
            final.ReadFloat32(slot.Name, after);
            error += Math.Pow(TensorPrimitives.Distance<float>(after, trained.MasterOf(slot.Name)), 2);
            moved += Math.Pow(TensorPrimitives.Distance<float>(after, before), 2);
        }

        Assert.True(Math.Sqrt(error / moved) < 1e-3, $"final weights are off by {Math.Sqrt(error / moved)} of the distance that training moved them");
    }

    private static DpoOptions OptionsOf(JsonElement args) => new()
    {
        Beta = args.GetProperty("beta").GetDouble(),
        LearningRate = args.GetProperty("learning_rate").GetDouble(),
        BatchSize = args.GetProperty("per_device_train_batch_size").GetInt32(),
        GradientAccumulation = args.GetProperty("gradient_accumulation_steps").GetInt32(),
        Epochs = (int)(Number(args, "num_train_epochs") ?? 1),
        MaxLength = (int)(Number(args, "max_length") ?? int.MaxValue),
        Truncation = Truncation.KeepStart,
        Schedule = Enum.Parse<LearningRateSchedule>(args.GetProperty("lr_scheduler_type").GetString()!.Split('_')[0], ignoreCase: true),
        WarmupSteps = Number(args, "warmup_steps") is { } steps and >= 1 ? (int)steps : 0,
        WarmupRatio = Number(args, "warmup_steps") is { } share and < 1 ? share : 0,
        MaxGradNorm = args.GetProperty("max_grad_norm").GetDouble(),
        WeightDecay = args.GetProperty("weight_decay").GetDouble(),
        AdamBeta1 = args.GetProperty("adam_beta1").GetDouble(),
        AdamBeta2 = args.GetProperty("adam_beta2").GetDouble(),
        AdamEpsilon = args.GetProperty("adam_epsilon").GetDouble(),
        Loss = Enum.Parse<DpoLoss>(LossesOf(args)[0].Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        LabelSmoothing = args.GetProperty("label_smoothing").GetDouble(),
    };

    private static double? Number(JsonElement args, string name) =>
        args.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static string? Unsupported(JsonElement config, JsonElement args) =>
        config.TryGetProperty("lora", out var lora) && lora.ValueKind == JsonValueKind.Object ? "LoRA"
        : args.GetProperty("bf16").GetBoolean() ? "bf16 (guidance only)"
        : LossesOf(args) is ["sigmoid" or "ipo" or "hinge" or "robust" or "sigmoid_norm"] ? null
        : $"the mix {string.Join(" + ", LossesOf(args))}";

    private static string[] LossesOf(JsonElement args) => args.GetProperty("loss_type") is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(loss => loss.GetString()!)]
        : [args.GetProperty("loss_type").GetString()!];

    private static IEnumerable<TokenPair> PairsOf(string path) => File.ReadLines(path).Where(line => line.Length > 0).Select(line =>
    {
        using var json = JsonDocument.Parse(line);
        int[] Ids(string name) => [.. json.RootElement.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
        return new TokenPair(Ids("prompt_ids"), Ids("chosen_ids"), Ids("rejected_ids"));
    });
}
