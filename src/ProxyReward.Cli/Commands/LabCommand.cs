using System.CommandLine;
using System.Diagnostics;
using ProxyReward.Lab.Pretraining;

namespace ProxyReward.Cli.Commands;

/// <summary><c>lab …</c>: makes the pocket lab's tokenizer and models again from nothing.</summary>
internal static class LabCommand
{
    public static Command Create(Terminal terminal) => new("lab", "Makes the pocket lab's tokenizer and models from nothing")
    {
        Tokenizer(terminal),
        Pretrain(terminal),
    };

    private static Command Tokenizer(Terminal terminal)
    {
        var path = Out("Where tokenizer.json is written", "runs/pretrain/tokenizer.json");
        var command = new Command("tokenizer", "Trains the pocket models' byte-level BPE on texts of the world") { path };
        command.SetAction(parsed =>
        {
            var file = parsed.GetRequiredValue(path);
            OutPath.PrepareFile("--out", file);
            File.WriteAllBytes(file, PocketModel.TrainTokenizer());
            terminal.Output.WriteLine(file);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Pretrain(Terminal terminal)
    {
        var folder = Out("The folder that gets a Hugging Face folder per model", "runs/pretrain");
        var name = new Option<string>("--model") { Description = "Which of them", DefaultValueFactory = _ => "all" };
        name.AcceptOnlyFromAmong(["all", .. PocketModel.All.Select(model => model.Name)]);
        var command = new Command("pretrain", "Pretrains the pocket models, each on a thread of its own; stopped at any moment, the same command goes on") { folder, name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var models = PocketModel.All.Where(model => parsed.GetRequiredValue(name) is "all" || parsed.GetRequiredValue(name) == model.Name).ToList();
            await Task.WhenAll(models.Select(model => Task.Factory.StartNew(
                () => Pretrain(model, Path.Combine(parsed.GetRequiredValue(folder), model.Name), terminal, cancellationToken),
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Pretrain(PocketModel model, string folder, Terminal terminal, CancellationToken cancellationToken)
    {
        const int every = 50;
        OutPath.CreateFolder("--out", folder);
        var clock = Stopwatch.StartNew();
        int? first = null;
        model.Pretrain(
            folder,
            step =>
            {
                first ??= step.Step - 1;
                if (step.Step % every == 0)
                {
                    var left = clock.Elapsed / (step.Step - first.Value) * (model.Options.Steps - step.Step);
                    terminal.Error.WriteLine(
                        $"{model.Name}: step {step.Step} of {model.Options.Steps}, loss {step.Loss:F3}, articles {step.ArticleLoss:F3}, {left.TotalMinutes:F0} min left");
                }
            },
            cancellationToken);
        terminal.Output.WriteLine(folder);
    }

    private static Option<string> Out(string description, string otherwise) => new("--out") { Description = description, DefaultValueFactory = _ => otherwise };
}
