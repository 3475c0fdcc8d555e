using System.CommandLine;
using System.Text.Json;
using ProxyReward.Cli.Commands.Reading;
using ProxyReward.Cli.Readers;
using ProxyReward.Cli.Results;
using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary><c>read RUN</c>, the stage; <c>read RECIPE --calibrate</c> and <c>--attack</c>, what its reader is worth.</summary>
internal static class ReadCommand
{
    public static Command Create(Composition composition, Terminal terminal)
    {
        var path = new Argument<string>("run") { Description = "A run folder, for example runs/pocket; or a recipe, for --calibrate and --attack" };
        var calibrate = Flag("--calibrate", "Measures the recipe's reader against texts whose verdicts are known");
        var attack = Flag("--attack", "Measures what hostile texts get from the recipe's reader, or judge where the reward is judge");
        var overrides = new Option<string[]>("--set") { Description = "With --calibrate or --attack: overrides a key of the recipe, for example --set reader=value; may be given several times", DefaultValueFactory = _ => [] };
        var texts = new Option<string?>("--texts") { Description = "With --calibrate: a question set with \"text\" and \"label\"; in the pocket lab, its own articles by default" };
        var count = NumberOption.Create("--count", "With --calibrate: the lab's articles about each entity", 2, 1, 1000);
        var repeats = NumberOption.Create("--repeats", "With --calibrate: readings of each text", 2, 1, 1000);
        var file = new Option<string?>("--out") { Description = "With --calibrate: writes calibration.json here, for reading.calibration" };
        var questions = NumberOption.Create("--questions", "With --attack: questions that are attacked", 8, 1, 1000);
        var json = Flag("--json", "With --calibrate or --attack: prints the result as JSON instead of tables");
        var command = new Command("read", "Reads the next responses of a run that nobody has read, then stops; or measures a reader (--calibrate, --attack)") { path, calibrate, attack, overrides, texts, count, repeats, file, questions, json, DeviceOption.Create() };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (calibrates, attacks) = (parsed.GetValue(calibrate), parsed.GetValue(attack));
            if (calibrates && attacks)
            {
                throw new RequestException("--calibrate, --attack: one at a time.");
            }

            foreach (var (option, isUsed, needs) in (ReadOnlySpan<(Option, bool, string)>)[
                (texts, calibrates, "--calibrate"), (count, calibrates, "--calibrate"), (repeats, calibrates, "--calibrate"), (file, calibrates, "--calibrate"),
                (questions, attacks, "--attack"), (overrides, calibrates || attacks, "--calibrate or --attack"), (json, calibrates || attacks, "--calibrate or --attack")])
            {
                if (!isUsed && parsed.GetResult(option) is { Implicit: false })
                {
                    throw new RequestException($"{option.Name}: it has no effect without {needs}. Leave it out.");
                }
            }

            if (!calibrates && !attacks)
            {
                return await StageCommands.GoAsync(composition, terminal, parsed.GetRequiredValue(path), Stage.Read, cancellationToken);
            }

            var recipePath = parsed.GetRequiredValue(path) is var given && Directory.Exists(given) ? Path.Combine(ReportCommand.ExistingRun(given), Run.RecipeName) : given;
            var recipe = RecipeFile.Load(recipePath, parsed.GetRequiredValue(overrides));
            var folder = Path.GetDirectoryName(Path.GetFullPath(recipePath))!;
            var models = new AskedModels(folder, Path.Combine("runs", Composition.RequestsName), recipe.Chat, terminal); // disposed with the readers
            using var readers = Composition.ReadersOf(recipe, folder, models);
            if (attacks)
            {
                using var judge = recipe.Reward == Rewards.RewardKind.Judge ? composition.JudgeOf(recipe, folder, models)?.Invoke() : null;
                var table = await AttackWork.RunAsync(recipe, readers, judge, folder, parsed.GetValue(questions), name => terminal.Error.WriteLine($"attack: {name}"), cancellationToken);
                await terminal.Output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(table, Json.Indented) : AttackText.Of(table, recipe));
                return ExitCode.Done;
            }

            if (parsed.GetValue(file) is { } named)
            {
                OutPath.PrepareFile("--out", named); // before the readings, which nobody keeps
            }

            var calibration = await CalibrateWork.RunAsync(
                recipe, readers, parsed.GetValue(texts), parsed.GetValue(count), parsed.GetValue(repeats), name => terminal.Error.WriteLine($"calibrate: {name}"), cancellationToken);
            await terminal.Output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(calibration, Json.Indented) : CalibrationText.Of(calibration));
            if (parsed.GetValue(file) is { } to)
            {
                JsonFile.Write(new RunFolder(Path.GetDirectoryName(Path.GetFullPath(to))!), Path.GetFileName(to), calibration);
            }

            return ExitCode.Done;
        });
        return command;
    }

    // A flag never takes the argument that follows it.
    private static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };
}
