using System.CommandLine;
using ProxyReward.Questions;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions split SET</c>: training, development and held-out part; what is nearly the same stays together.</summary>
internal static class SplitCommand
{
    public static Command Create(Terminal terminal)
    {
        var defaults = new SplitOptions();
        var set = QuestionsCommand.Set();
        var folder = QuestionsCommand.Out("The folder that gets train.jsonl, dev.jsonl and held-out.jsonl");
        var train = Weight("--train", "training", defaults.Train);
        var dev = Weight("--dev", "development", defaults.Dev);
        var heldOut = Weight("--held-out", "held-out", defaults.HeldOut);
        var seed = NumberOption.Create("--seed", "Another seed, another cut", defaults.Seed, long.MinValue, long.MaxValue);
        var command = new Command("split", "Cuts a question set into training, development and held-out questions; what is nearly the same stays together") { set, folder, train, dev, heldOut, seed };
        command.SetAction(parsed =>
        {
            var split = Split.Of(QuestionSet.Load(parsed.GetRequiredValue(set)), defaults with
            {
                Train = parsed.GetValue(train),
                Dev = parsed.GetValue(dev),
                HeldOut = parsed.GetValue(heldOut),
                Seed = parsed.GetValue(seed),
            });
            OutPath.CreateFolder("--out", parsed.GetRequiredValue(folder));
            foreach (var cluster in split.Clusters)
            {
                terminal.Error.WriteLine($"kept together: {string.Join(", ", cluster)}");
            }

            var parts = split.Parts;
            foreach (var (name, questions) in new[] { ("train", parts.Train), ("dev", parts.Dev), ("held-out", parts.HeldOut) })
            {
                Save(Path.Combine(parsed.GetRequiredValue(folder), $"{name}.jsonl"), questions, terminal);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Option<double> Weight(string name, string part, double otherwise) =>
        NumberOption.Create(name, $"Weight of the {part} part beside the others", otherwise, 0, 1e6);

    // A file of an earlier cut would leak into this one, so an empty part takes it away.
    private static void Save(string path, IReadOnlyList<MetaQuestion> questions, Terminal terminal)
    {
        if (questions.Count > 0)
        {
            QuestionSet.Save(path, questions);
        }
        else if (File.Exists(path))
        {
            File.Delete(path);
        }

        terminal.Output.WriteLine($"{path}: {(questions.Count > 0 ? $"{questions.Count} questions" : "empty, so there is no file")}");
    }
}
