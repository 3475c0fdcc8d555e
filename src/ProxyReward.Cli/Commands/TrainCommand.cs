using System.CommandLine;
using System.Globalization;
using ProxyReward.Cli.Progress;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Recipes;
using ProxyReward.Runs;
using ProxyReward.Runs.Trainings;
using ProxyReward.Training;

namespace ProxyReward.Cli.Commands;

/// <summary>
/// <c>train RUN</c>: the next training that a run lacks. <c>train PAIRS --model MODEL --out FOLDER</c>: DPO of any model on any file of pairs.
/// </summary>
internal static class TrainCommand
{
    public static Command Create(Composition composition, Terminal terminal, Func<HubOptions> hub)
    {
        var what = new Argument<string>("what") { Description = "A run folder; or a file of preference pairs, .jsonl or .json, which takes --model and --out" };
        var model = new Option<string?>("--model") { Description = "The model to train: a folder, a .gguf file, a PEFT adapter, or owner/name[@revision] in the cache of the Hub" };
        var folder = new Option<string?>("--out") { Description = "The folder that gets the training; its model is in checkpoint/" };
        var eval = new Option<string?>("--eval") { Description = "Pairs that are scored during the training and never learnt" };
        var lora = NumberOption.Create("--lora", "Trains a LoRA adapter of this rank; the same as --set dpo.lora.r=RANK", 1, 65536);
        var overrides = new Option<string[]>("--set")
        {
            Description = "Sets a key as recipes have it: dpo.…, chat.…, seed, or dev.every_steps, dev.keep, dev.patience; may be given several times",
            DefaultValueFactory = _ => [],
        };
        var command = new Command("train", "Trains the next model of a run, or any model on a file of preference pairs; stopped at any moment, the same command goes on")
        {
            what, model, folder, eval, lora, overrides, DeviceOption.Create(),
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(what);
            List<string> given = [.. new Option[] { model, folder, eval, lora, overrides }.Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name)];
            if (Directory.Exists(path))
            {
                RefuseRanks(composition.Join(), path);
                return given.Count == 0
                    ? StageCommands.GoAsync(composition, terminal, path, Stage.Train, cancellationToken)
                    : throw new RequestException($"{given[0]}: {path} is a run folder, and its recipe says how it is trained. Leave the option out, or name a file of pairs.");
            }

            if (!File.Exists(path))
            {
                throw new RequestException($"{path}: there is no such run folder and no such file of pairs.");
            }

            var asked = parsed.GetValue(model) is { Length: > 0 } named ? CheckpointLocator.Find(named, hub()) : throw Missing("--model", path, "the model to train");
            var target = parsed.GetValue(folder) is { Length: > 0 } chosen ? chosen : throw Missing("--out", path, "the folder that gets the training");
            RequireFiles(asked, target, parsed.GetValue(eval));
            List<string> sets = [.. parsed.GetValue(lora) is { } rank ? [$"dpo.lora.r={rank.ToString(CultureInfo.InvariantCulture)}"] : (string[])[], .. parsed.GetRequiredValue(overrides)];
            return TrainAsync(composition, terminal, new(asked, path, parsed.GetValue(eval), Settings(sets, parsed.GetValue(lora))), target, cancellationToken);
        });
        return command;
    }

    private static TrainingSettings Settings(List<string> sets, int? lora)
    {
        var settings = RecipeFile.LoadTraining(sets);
        return lora is null || settings.Dpo.Lora?.R == lora
            ? settings
            : throw new RequestException($"--lora {lora}: --set makes it {(settings.Dpo.Lora is { } other ? $"a rank of {other.R}" : "no adapter at all")}. Give one of the two.");
    }

    private static async Task<int> TrainAsync(
        Composition composition, Terminal terminal, FileTrainingRequest request, string folder, CancellationToken cancellationToken)
    {
        var (ranks, training) = (composition.Join(), new RunFolder(folder));
        if (!ranks.IsFirst)
        {
            // What is wrong with the request is found, and said, by the first process; it then ends this one.
            if (ranks.FirstSays(false))
            {
                new FileTraining(training, new PlainProgress(TextWriter.Null, TimeProvider.System)).Follow(request, composition.Policies, cancellationToken);
            }

            return ExitCode.Done;
        }

        RequireShares(request.Settings.Dpo.GradientAccumulation, ranks.Count);
        using var held = await RunLock.TakeAsync(folder, RunSession.Patience, cancellationToken);
        await using (var progress = terminal.OpenProgress())
        {
            var result = new FileTraining(training, progress).Run(request, composition.Policies, EngineOf(ranks, request.Settings.Dpo.Precision), work => ranks.FirstSays(work), cancellationToken);
            progress.Note($"{result.PairsTrained} pairs trained on, {result.PairsDropped} left out; {result.Steps} steps, the weights of step {result.KeptStep} are kept; {result.Precision}");
        }

        await terminal.Output.WriteLineAsync(Path.Combine(folder, "checkpoint"));
        return ExitCode.Done;
    }

    private static void RefuseRanks(Ranks ranks, string path)
    {
        if (ranks.Count > 1)
        {
            throw new RequestException($"{path} is a run folder, and a run trains in one process, but {ranks.Count} were started together. Start one; or train on the pairs.jsonl of the run with --model and --out.");
        }
    }

    // Micro-batches are not cut: a process that has none waits for the others.
    private static void RequireShares(int accumulation, int processes)
    {
        if (accumulation % processes != 0)
        {
            throw new RequestException(
                $"dpo.gradient_accumulation: the {accumulation} micro-batches of a step cannot be shared evenly by {processes} processes. Give it a multiple of {processes} (--set dpo.gradient_accumulation={accumulation + processes - (accumulation % processes)}), or start another number of processes.");
        }
    }

    // Found before anything is written.
    private static void RequireFiles(string model, string folder, string? eval)
    {
        if (Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
        {
            throw new RequestException($"--out: {folder} is the folder of the model that is trained. Choose another.");
        }

        if (eval is not null && !File.Exists(eval))
        {
            throw new RequestException($"--eval: {eval}: there is no such file of pairs.");
        }
    }

    private static SortedDictionary<string, string> EngineOf(Ranks ranks, ComputePrecision precision)
    {
        var engine = new SortedDictionary<string, string>(Composition.Engine.ToDictionary(), StringComparer.Ordinal)
        {
            ["compute"] = LocalPolicyLoader.ComputeType(precision) == TorchSharp.torch.ScalarType.BFloat16 ? "bf16" : "fp32",
            ["threads"] = NativeEngine.Threads.ToString(CultureInfo.InvariantCulture),
        };
        if (ranks.Count > 1)
        {
            engine["processes"] = ranks.Count.ToString(CultureInfo.InvariantCulture);
        }

        return engine;
    }

    private static RequestException Missing(string option, string path, string what) => new($"{option} is missing: {path} is a file of pairs; name {what}.");
}
