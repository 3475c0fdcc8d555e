using System.Numerics.Tensors;
using System.Text.Json;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>A training run of TRL's: its start weights, pairs and options, and the numbers it logged.</summary>
internal sealed class TrlVariant : IDisposable
{
    private readonly string folder;
    private readonly string start;

    private TrlVariant(string folder, JsonElement json)
    {
        this.folder = folder;
        var args = json.GetProperty("args");
        Options = OptionsOf(args);
        var modelFolder = File(json.GetProperty("model").GetString()!);
        var computeType = args.GetProperty("bf16").GetBoolean() ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32;
        Model = OpenModel(modelFolder, computeType);
        Tolerances = computeType == torch.ScalarType.BFloat16 ? Tolerances.BFloat16 : Tolerances.Float32;
        SmallestMargin = json.GetProperty("observed").GetProperty("smallest_nonzero_pair_margin").GetDouble();
        Adapter = json.GetProperty("lora").ValueKind == JsonValueKind.Object
            ? LoraAdapter.Load(File("adapter_init"), Model.Parameters.Layout, torch.ScalarType.Float32)
            : null;
        start = Adapter is null ? modelFolder : File("adapter_init");
        Given = [.. PairsOf(File(json.GetProperty("data").GetString()!)).Take(json.GetProperty("n_pairs_given").GetInt32())];
        Plan = new TrainingPlan(TokenPair.Fit(Given, Options), Options, shuffle: false, Number(args, "max_steps") is { } steps and > 0 ? (int)steps : null);
    }

    /// <summary>All variants; "" where there are none.</summary>
    public static TheoryData<string> All => FixtureRoot.Find("dpo") is { } root
        ? [.. Directory.EnumerateDirectories(Path.Combine(root, "variants")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)]
        : [""];

    public DpoOptions Options { get; }

    public LanguageModel Model { get; }

    public LoraAdapter? Adapter { get; }

    public TrainingPlan Plan { get; }

    /// <summary>All pairs of the file, also those that are left out.</summary>
    public IReadOnlyList<TokenPair> Given { get; }

    /// <summary>How far from TRL's numbers ours may be.</summary>
    public Tolerances Tolerances { get; }

    /// <summary>Of the rewards of all pairs in all steps: what is not well above rounding makes no pair right or wrong.</summary>
    public double SmallestMargin { get; }

    /// <summary>Opens a variant; the test is skipped, with the reason, where it cannot be followed.</summary>
    public static TrlVariant Load(string variant)
    {
        var path = Path.Combine(FixtureRoot.Require("dpo"), "variants", variant);
        using var json = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(path, "config.json")));
        var reason = Unsupported(json.RootElement.GetProperty("args"));
        Assert.SkipWhen(reason is not null, $"{variant}: {reason} is not trained");
        return new TrlVariant(path, json.RootElement);
    }

    /// <summary>A checkpoint.</summary>
    public static LanguageModel OpenModel(string folder, torch.ScalarType computeType = torch.ScalarType.Float32)
    {
        var config = ConfigReader.Read(folder);
        using var source = SafetensorsFolder.Open(folder);
        return new LanguageModel(config, Parameters.Load(new ParameterLayout(config), source, folder, computeType));
    }

    public DpoTrainer Trainer() => new(Model, Plan, Options, TestContext.Current.CancellationToken, Adapter);

    /// <summary>A path as the variant's files write it.</summary>
    public string File(string relative) => Path.GetFullPath(Path.Combine(folder, relative));

    /// <summary>Compares what is trained with "final" or "params_step1", where the variant has it.</summary>
    public void CompareWeights(string name)
    {
        var file = File(Adapter is null ? $"{name}.safetensors" : $"adapter_{name}");
        if (!Path.Exists(file))
        {
            return;
        }

        using var before = SafetensorsFolder.Open(start);
        using var after = SafetensorsFolder.Open(file);
        double error = 0, moved = 0;
        var trained = Adapter?.Parameters ?? Model.Parameters;
        foreach (var slot in trained.Layout.Slots)
        {
            float[] from = new float[slot.Size], to = new float[slot.Size];
            before.ReadFloat32(slot.Name, from);
            after.ReadFloat32(slot.Name, to);
            error += Math.Pow(TensorPrimitives.Distance<float>(to, trained.MasterOf(slot.Name)), 2);
            moved += Math.Pow(TensorPrimitives.Distance<float>(to, from), 2);
        }

        Assert.True(Math.Sqrt(error / moved) < Tolerances.Weights, $"weights '{name}' are off by {Math.Sqrt(error / moved)} of the distance that training moved them");
    }

    /// <summary>The objects of a JSONL file.</summary>
    public static IEnumerable<JsonElement> Lines(string path) => System.IO.File.ReadLines(path).Where(line => line.Length > 0).Select(line =>
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.Clone();
    });

    /// <summary>Pairs of token ids.</summary>
    public static IEnumerable<TokenPair> PairsOf(string path) => Lines(path).Select(line =>
    {
        int[] Ids(string name) => [.. line.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
        return new TokenPair(Ids("prompt_ids"), Ids("chosen_ids"), Ids("rejected_ids"));
    });

    public void Dispose()
    {
        Adapter?.Dispose();
        Model.Dispose();
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
        SftWeight = LossesOf(args).IndexOf("sft") is > 0 and var sft ? Weights(args)[sft] : 0,
        LabelSmoothing = args.GetProperty("label_smoothing").GetDouble(),
    };

    private static double? Number(JsonElement args, string name) =>
        args.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static string? Unsupported(JsonElement args) =>
        LossesOf(args) is ["sigmoid" or "ipo" or "hinge" or "robust" or "sigmoid_norm"] ? null
        : LossesOf(args) is ["sigmoid", "sft"] && Weights(args)[0] == 1 ? null
        : $"the mix {string.Join(" + ", LossesOf(args))}";

    private static double[] Weights(JsonElement args) => [.. args.GetProperty("loss_weights").EnumerateArray().Select(weight => weight.GetDouble())];

    private static List<string> LossesOf(JsonElement args) => args.GetProperty("loss_type") is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(loss => loss.GetString()!)]
        : [args.GetProperty("loss_type").GetString()!];
}

/// <summary>How far apart two right implementations may be: the README of the fixtures says what separates right from wrong in fp32.</summary>
/// <param name="Loss">Times the larger of 1 and the first loss.</param>
/// <param name="Rewards">Absolute.</param>
/// <param name="LogProbs">Summed over a completion, absolute.</param>
/// <param name="GradNorm">Relative.</param>
/// <param name="Gradient">Of each tensor, L2, relative.</param>
/// <param name="Weights">L2 of the error over that of what training moved.</param>
internal sealed record Tolerances(double Loss, double Rewards, double LogProbs, double GradNorm, double Gradient, double Weights)
{
    public static Tolerances Float32 { get; } = new(2e-5, 1e-4, 2e-4, 5e-4, 1e-4, 1e-3);

    /// <summary>Thrice what bf16 changed in TRL's own run against fp32: the two round in other places, so that the size of the effect is all that can be asked.</summary>
    public static Tolerances BFloat16 { get; } = new(2.1e-2, 4.2e-2, 0.18, 4.5e-2, 4.5e-2, 0.16);
}
