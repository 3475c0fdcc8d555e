using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Native;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;
using static TorchSharp.torch;

namespace ProxyReward.Bench;

/// <summary>
/// A step of DPO by one process of one thread, by two such processes that mpirun started, and by two that each do half of the step and know nothing of each other:
/// what the two could reach at best on this machine, whose cores share its memory.
/// </summary>
internal static class RanksBench
{
    internal sealed record Case(string Name, ModelConfig Shape, int MicroBatches, int Pairs, int Prompt, int Completion, int Steps);

    private static readonly Case[] Cases =
    [
        new(
            "pocket, 2 · 8 × (20 + 160)",
            EngineBench.Shape with { VocabSize = 2048, HiddenSize = 128, Layers = 4, Heads = 2, KeyValueHeads = 1, IntermediateSize = 352 },
            MicroBatches: 2,
            Pairs: 8,
            Prompt: 20,
            Completion: 160,
            Steps: 15),
        new("135 M, 2 · 1 × (64 + 448)", EngineBench.Shape, MicroBatches: 2, Pairs: 1, Prompt: 64, Completion: 448, Steps: 2),
        new("135 M, 8 · 1 × (32 + 96)", EngineBench.Shape, MicroBatches: 8, Pairs: 1, Prompt: 32, Completion: 96, Steps: 2),
        new("135 M, 8 · 1 × (64 + 448)", EngineBench.Shape, MicroBatches: 8, Pairs: 1, Prompt: 64, Completion: 448, Steps: 2),
    ];

    public static async Task<int> RunAsync()
    {
        Console.WriteLine($"Products in {Processor.ComputeType}; seconds a step, median; {Environment.ProcessorCount} cores.");
        Console.WriteLine();
        Console.WriteLine("| a step | 1 process | 2 ranks | efficiency | of it adding up | 2 processes apart, half of it each | efficiency |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var one in Cases)
        {
            var half = one with { MicroBatches = one.MicroBatches / 2 };
            var alone = (await MeasureAsync(one, Environment.ProcessPath!))[0];
            var shared = await MeasureAsync(one, "mpirun", "-n", "2", Environment.ProcessPath!);
            var apart = (await Task.WhenAll(MeasureAsync(half, Environment.ProcessPath!), MeasureAsync(half, Environment.ProcessPath!))).Max(times => times[0]);
            Console.WriteLine(
                $"| {one.Name} | {alone:F3} | {shared[0]:F3} | {alone / (2 * shared[0]):P0} | {shared[1]:F3} | {apart:F3} | {alone / (2 * apart):P0} |");
        }

        return 0;
    }

    /// <summary>One case, in this process of one thread. The first rank prints the median seconds of a step, and of adding up a gradient.</summary>
    public static int Measure(string json)
    {
        var one = JsonSerializer.Deserialize<Case>(json)!;
        NativeEngine.Load();
        set_num_threads(1);
        var ranks = Launcher.Join(Environment.GetEnvironmentVariable);
        var options = new DpoOptions { LearningRate = 1e-9, BatchSize = one.Pairs, GradientAccumulation = one.MicroBatches, Epochs = 1000 };
        using var model = new LanguageModel(one.Shape, EngineBench.RandomWeights(one.Shape));
        var pairs = Enumerable.Range(0, one.Pairs * one.MicroBatches).Select(i => new TokenPair(Ids(one.Prompt, i), Ids(one.Completion, i + 100), Ids(one.Completion, i + 200)));
        using var trainer = new DpoTrainer(model, new TrainingPlan([.. pairs], options, shuffle: false), options, CancellationToken.None, ranks: ranks);
        trainer.Step();
        List<double> steps = [], sums = [];
        for (var i = 0; i < one.Steps; i++)
        {
            steps.Add(Timing.Of(() => trainer.Step()).Clock);
        }

        for (var i = 0; i < one.Steps; i++)
        {
            ranks.Meet();
            sums.Add(Timing.Of(() => trainer.Gradients.SumOver(ranks)).Clock);
        }

        if (ranks.IsFirst)
        {
            Console.WriteLine(FormattableString.Invariant($"{Timing.Median(steps)} {Timing.Median(sums)}"));
        }

        ranks.Leave(0);
        return 0;

        int[] Ids(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) + (seed * 104729)) % one.Shape.VocabSize)];
    }

    private static async Task<double[]> MeasureAsync(Case one, string program, params string[] before)
    {
        var start = new ProcessStartInfo(program, [.. before, "ranks-case", JsonSerializer.Serialize(one)]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var allowed in (ReadOnlySpan<string>)["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"])
        {
            start.Environment[allowed] = "1"; // where the bench runs as root, Open MPI asks for both
        }

        start.Environment["TERM"] = "dumb"; // mpirun gives its processes a terminal, which Console would greet
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(number => double.Parse(number, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"{program} ended with code {process.ExitCode}");
    }
}
