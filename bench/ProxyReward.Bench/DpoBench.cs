using System.Diagnostics;
using System.Text.Json;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;

namespace ProxyReward.Bench;

/// <summary>
/// DPO, each case in a process of its own: speed beside the GEMM rate measured between its steps, and the peak memory beside the one foretold.
/// Tokens are nominal, as TRL counts them: 2 · (prompt + completion) a pair; a token counts as 6 · parameters FLOPs, with an adapter too.
/// </summary>
internal static class DpoBench
{
    /// <summary>What is trained, and with which of the means.</summary>
    /// <param name="Ragged">Completions of every length from a quarter of <paramref name="Completion"/> to all of it.</param>
    /// <param name="Padded">Every completion as long as the longest: what a batch without packing computes.</param>
    internal sealed record Case(string Name, int Pairs, int Prompt, int Completion)
    {
        public bool Lora { get; init; }
        public bool SharedPrompts { get; init; } = true;
        public bool ChunkedHead { get; init; } = true;
        public bool Checkpointing { get; init; }
        public bool Ragged { get; init; }
        public bool Padded { get; init; }
        public int Layers { get; init; } = EngineBench.Shape.Layers;
        public int Steps { get; init; } = 3;
    }

    private static readonly Case Long = new("2 × (64 + 448)", 2, 64, 448);
    private static readonly Case Short = new("8 × (32 + 96)", 8, 32, 96);

    private static readonly Case[] Shapes =
    [
        Long,
        Short,
        Long with { Name = Long.Name + ", LoRA", Lora = true },
        Short with { Name = Short.Name + ", LoRA", Lora = true },
    ];

    // Four layers, so that ten cases end within minutes.
    private static readonly Case Few = Long with { Layers = 4 };

    private static readonly Case[] Means =
    [
        .. ((Case[])[Few, Few with { Lora = true }]).SelectMany(of => (Case[])
        [
            of with { Name = "all but checkpointing" },
            of with { Name = "a prompt for each completion", SharedPrompts = false },
            of with { Name = "all logits at once", ChunkedHead = false },
            of with { Name = "activation checkpointing", Checkpointing = true },
        ]),
        Short with { Name = "8 × (32 + 24 … 96), packed", Layers = 4, Ragged = true },
        Short with { Name = "8 × (32 + 24 … 96), padded", Layers = 4, Ragged = true, Padded = true },
    ];

    public static async Task<int> RunAsync(string what)
    {
        Console.WriteLine($"Products in {Processor.ComputeType}, the type that is fastest on this processor; GEMM 2048³ in the same type, GFLOP/s; {Environment.ProcessorCount} cores.");
        Console.WriteLine();
        Console.WriteLine("| what | trained | tokens/s | share of the GEMM rate | GEMM rate beside it | peak memory | foretold | error |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var one in what == "dpo" ? Shapes : Means)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { ArgumentList = { "dpo-case", JsonSerializer.Serialize(one) } };
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
        }

        return 0;
    }

    /// <summary>One case, in this process.</summary>
    public static int Measure(string json)
    {
        var one = JsonSerializer.Deserialize<Case>(json)!;
        NativeEngine.Load();
        var shape = EngineBench.Shape with { Layers = one.Layers };
        var options = new DpoOptions { LearningRate = 1e-9, BatchSize = one.Pairs, GradientAccumulation = 1, Epochs = 1000, ActivationCheckpointing = one.Checkpointing };
        using var model = new LanguageModel(shape, EngineBench.RandomWeights(shape));
        model.Head.RowsAtOnce = one.ChunkedHead ? model.Head.RowsAtOnce : int.MaxValue / 2;
        using var adapter = one.Lora ? LoraAdapter.Start(CheckpointSummary.UsualLora, model.Parameters.Layout, Processor.ComputeType, seed: 0) : null;
        var plan = new TrainingPlan([.. Pairs(one, one.Padded)], options, shuffle: false, sharePrompts: one.SharedPrompts);
        using var trainer = new DpoTrainer(model, plan, options, CancellationToken.None, adapter);
        trainer.Step();
        List<double> rates = [], shares = [], gemms = [];
        var (tokens, peak) = (Pairs(one, padded: false).Sum(pair => pair.Tokens), 0L);
        for (var i = 0; i < one.Steps; i++)
        {
            var clock = Stopwatch.StartNew();
            trainer.Step();
            rates.Add(tokens / clock.Elapsed.TotalSeconds);
            peak = i == 0 ? PeakBytes() : peak; // the measure's own matrices are none of a training's
            gemms.Add(EngineBench.GemmRate(Processor.ComputeType).Clock);
            shares.Add(6.0 * model.Parameters.Layout.Size * rates[^1] / 1e9 / gemms.TakeLast(2).Average());
        }

        var foretold = MemoryPlan.Training(shape, Processor.ComputeType, plan.LargestRows, one.Checkpointing, adapter?.Config).Peak;
        Console.WriteLine(
            $"| {one.Name} | {(one.Lora ? "LoRA r 16" : "full")} | {Timing.Median(rates):F0} | {Timing.Median(shares):P0} | {Timing.Median(gemms):F0} | {peak / 1e9:F2} GB | {foretold / 1e9:F2} GB | {(foretold - peak) / (double)peak:P0} |");
        return 0;
    }

    private static IEnumerable<TokenPair> Pairs(Case one, bool padded)
    {
        static int[] Ids(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) + (seed * 104729)) % 49000)];
        int Length(int completion) => one.Ragged && !padded ? one.Completion * (completion % 7 + 2) / 8 : one.Completion;
        return Enumerable.Range(0, one.Pairs)
            .Select(i => new TokenPair(Ids(one.Prompt, i), Ids(Length(2 * i), i + 100), Ids(Length((2 * i) + 1), i + 200)));
    }

    private static long PeakBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
