using System.CommandLine;
using ProxyReward.Cli.Tests.Questions;
using ProxyReward.Questions;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests;

public sealed class WrongRequestTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Every option and argument that takes a word, by its command.</summary>
    public static TheoryData<string, string> Words()
    {
        var words = new TheoryData<string, string>();
        foreach (var (path, command) in Commands(Verbs.CommandLine(TextWriter.Null, TextWriter.Null).Root(), ""))
        {
            foreach (var symbol in command.Options.Where(option => option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0).Cast<Symbol>().Concat(command.Arguments))
            {
                words.Add(path, symbol.Name);
            }
        }

        return words;
    }

    [Theory]
    [MemberData(nameof(Words))]
    public async Task An_empty_value_is_refused_by_name(string command, string name)
    {
        string[] given = name.StartsWith("--", StringComparison.Ordinal) ? [name, ""] : [""];
        Assert.Equal(2, await Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. given]));
        Assert.Contains($"{name}: ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("is empty, perhaps a variable of the shell that is not set", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--price-in: '0,15' is not a number from 0 to 1000000, written with a point: 0.5.", "--price-in", "0,15", "--price-out", "0.60")]
    [InlineData("--price-out: '9999999999999999999999999999' is not a number from 0 to 1000000", "--price-in", "0", "--price-out", "9999999999999999999999999999")]
    [InlineData("--budget: '5,50' is not a number from 0 to 1000000000", "--budget", "5,50")]
    [InlineData("--budget: '-4' is not a number", "--budget", "-4", "--price-in", "1", "--price-out", "1")]
    [InlineData("the price of 'm' is unknown. Give price_in and price_out as well (--price-in and --price-out)", "--budget", "4")]
    [InlineData("--temperature: 'NaN' is not a number from 0 to 10", "--temperature", "NaN")]
    [InlineData("--temperature: '-5' is not a number", "--temperature", "-5")]
    [InlineData("--temperature: '1e39' is not a number", "--temperature", "1e39")]
    [InlineData("--share-true: '0,5' is not a number from 0 to 1", "--share-true", "0,5")]
    [InlineData("--count: '1,000' is not a whole number from 1 to 1000000.", "--count", "1,000")]
    [InlineData("--seed: 'x' is not a whole number.", "--seed", "x")]
    [InlineData("--budget-tokens: '0' is not a whole number of 1 or more.", "--budget-tokens", "0")]
    public async Task A_number_that_is_none_is_refused_before_anything_is_estimated(string message, params string[] options)
    {
        Assert.Equal(2, await Run(["questions", "generate", "--model", "m", "--endpoint", "http://localhost:1/v1", "--dry-run", "--cache", folder["c.sqlite"], "--out", folder["set.jsonl"], .. options]));
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(output.ToString());
    }

    [Fact]
    public async Task A_number_with_a_point_is_what_it_says()
    {
        // 4 questions of 1 domain: 1 request for meta-questions and 4 for proxies, 4 × 300 … tokens of answers; at half the price half the cost.
        string[] asked = ["questions", "generate", "--model", "m", "--endpoint", "http://localhost:1/v1", "--dry-run", "--domains", "music", "--count", "4", "--cache", folder["c.sqlite"], "--out", folder["set.jsonl"]];
        Assert.Equal(0, await Run([.. asked, "--price-in", "0", "--price-out", "100"]));
        Assert.Equal(0, await Run([.. asked, "--price-in", "0.0", "--price-out", "5e1"]));
        var costs = output.ToString().Split('$').Skip(1).Select(after => decimal.Parse(after.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(costs[0] / 2, costs[1]);
    }

    [Fact]
    public async Task A_split_by_a_decimal_comma_is_refused()
    {
        QuestionSet.Save(folder["set.jsonl"], FakeLab.Questions("train", 6));
        Assert.Equal(2, await Run("questions", "split", folder["set.jsonl"], "--out", folder["parts"], "--train", "0,6"));
        Assert.Contains("--train: '0,6' is not a number", error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["parts"]));
    }

    [Theory]
    [InlineData("run", "rum")]
    [InlineData("evaluate", "evalute", "x")]
    [InlineData("split", "questions", "splt", "x")]
    [InlineData("--out", "run", "a.yaml", "--otu", "x")]
    public async Task A_typo_is_told_the_nearest_word(string nearest, params string[] arguments)
    {
        Assert.Equal(2, await Run(arguments));
        Assert.Contains($"{nearest}\n", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(output.ToString());
    }

    [Theory]
    [InlineData("is a file; name a run folder", "score", "FILE")]
    [InlineData("is a file; name a run folder", "read", "FILE")]
    [InlineData("is a file; name a run folder", "compare", "FILE")]
    [InlineData("is a file; name a run folder", "reread", "FILE", "--out", "x", "--set", "evaluation.reader=value")]
    [InlineData("is a folder; name a recipe file", "run", "FOLDER")]
    [InlineData("is a folder; name a question set in it", "questions", "check", "FOLDER")]
    [InlineData("--html: FOLDER is a folder; name a file in it", "questions", "check", "FILE", "--html", "FOLDER")]
    [InlineData("--out: FOLDER is a folder; name a file in it", "lab", "tokenizer", "--out", "FOLDER")]
    [InlineData("--out: FILE cannot be made", "questions", "split", "FILE", "--out", "FILE")]
    public async Task A_file_for_a_folder_and_a_folder_for_a_file_are_told_apart(string message, params string[] arguments)
    {
        var (file, here) = (folder["set.jsonl"], Directory.CreateDirectory(folder["here"]).FullName);
        QuestionSet.Save(file, FakeLab.Questions("train", 6));
        Assert.Equal(2, await Run([.. arguments.Select(Named)]));
        Assert.Contains(Named(message), error.ToString(), StringComparison.Ordinal);

        string Named(string text) => text.Replace("FILE", file, StringComparison.Ordinal).Replace("FOLDER", here, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_says_what_each_option_does()
    {
        foreach (var (path, command) in Commands(Verbs.CommandLine(TextWriter.Null, TextWriter.Null).Root(), ""))
        {
            Assert.False(string.IsNullOrEmpty(command.Description), path);
            Assert.All(command.Options.Cast<Symbol>().Concat(command.Arguments), symbol => Assert.True(symbol.Description?.Length > 10, $"{path} {symbol.Name}: {symbol.Description}"));
            Assert.Equal(0, await Run([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]));
        }
    }

    private static IEnumerable<(string Path, Command Command)> Commands(Command command, string path)
    {
        if (command.Subcommands.Count == 0)
        {
            yield return (path, command);
        }

        foreach (var inner in command.Subcommands.SelectMany(verb => Commands(verb, $"{path} {verb.Name}")))
        {
            yield return inner;
        }
    }

    private Task<int> Run(params string[] arguments) => Verbs.CommandLine(output, error).RunAsync(arguments, TestContext.Current.CancellationToken);
}
