using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ProxyReward.Models.Policies;

namespace ProxyReward.Models.Reading;

/// <summary>
/// How a statement is put to a model that is to answer in one word: a file with the sections <c># user</c>, <c># assistant</c> (how the
/// answer begins; may be empty) and <c># answers</c> (for true, false and not stated, parted by bars). <c>{{text}}</c> stands in the user's
/// section, <c>{{statement}}</c> after it in either: what comes before the statement is read once for all statements.
/// </summary>
public sealed partial class ReadingForm
{
    /// <summary>The name of the file in a folder of prompts.</summary>
    public const string FileName = "logit.md";

    private const string Text = "{{text}}";
    private const string Statement = "{{statement}}";
    private readonly string user;
    private readonly string assistant;

    private ReadingForm(string file, string place)
    {
        var parts = Heading().Split(file.ReplaceLineEndings("\n"));
        var names = parts.Where((_, i) => i % 2 == 1);
        if (!names.SequenceEqual(["user", "assistant", "answers"]))
        {
            throw new RequestException($"{place}: consists of the sections '# user', '# assistant' and '# answers', in this order.");
        }

        (user, assistant) = (parts[2].Trim(), parts[4].Trim());
        var answers = parts[6].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (answers.Length != 3 || answers.Distinct(StringComparer.Ordinal).Count() != 3)
        {
            throw new RequestException($"{place}: '# answers' are three words for true, false and not stated, for example True | False | Not stated.");
        }

        if (user.Split(Text).Length != 2 || (user + assistant).Split(Statement).Length != 2 || (user + assistant).IndexOf(Statement, StringComparison.Ordinal) < user.IndexOf(Text, StringComparison.Ordinal))
        {
            throw new RequestException($"{place}: {Text} stands once in '# user', and {Statement} once after it, there or in '# assistant'.");
        }

        // Within a line the answer follows a blank.
        Answers = assistant.Length == 0 ? answers : [.. answers.Select(answer => " " + answer)];
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file)))[..16];
    }

    /// <summary>What stands for True, False and NotStated.</summary>
    public IReadOnlyList<string> Answers { get; }

    /// <summary>The first 16 hex digits of the file's SHA-256.</summary>
    public string Hash { get; }

    /// <summary>Loads the form of a folder, or the built-in one.</summary>
    /// <param name="folder">A folder with <see cref="FileName"/>; null: the built-in form.</param>
    /// <exception cref="RequestException">There is no such file, or it has not the sections.</exception>
    public static ReadingForm Load(string? folder)
    {
        if (folder is not null)
        {
            var path = Path.Combine(folder, FileName);
            return File.Exists(path) ? new(File.ReadAllText(path), path) : throw new RequestException($"{path}: there is no such prompt file.");
        }

        using var reader = new StreamReader(typeof(ReadingForm).Assembly.GetManifestResourceStream(typeof(ReadingForm), FileName)!, Encoding.UTF8);
        return new(reader.ReadToEnd(), FileName);
    }

    /// <summary>The tokens before the statement. The text is never taken for anything but text.</summary>
    internal IReadOnlyList<int> Prefix(LocalModel model, string text)
    {
        var (before, after) = model.Frame;
        var (head, tail) = (user[..user.IndexOf(Text, StringComparison.Ordinal)], user[(user.IndexOf(Text, StringComparison.Ordinal) + Text.Length)..]);
        return [.. Encode(model, before), .. Literal(model, head + text + (InUser ? Before(tail) : tail)), .. InUser ? [] : Encode(model, after), .. InUser ? [] : Literal(model, Before(assistant))];
    }

    /// <summary>The tokens from the statement to where the answer begins.</summary>
    internal IReadOnlyList<int> Suffix(LocalModel model, string statement) => InUser
        ? [.. Literal(model, statement + After(user)), .. Encode(model, model.Frame.After), .. Literal(model, assistant)]
        : Literal(model, statement + After(assistant));

    private bool InUser => user.Contains(Statement, StringComparison.Ordinal);

    private static string Before(string section) => section[..section.IndexOf(Statement, StringComparison.Ordinal)];

    private static string After(string section) => section[(section.IndexOf(Statement, StringComparison.Ordinal) + Statement.Length)..];

    private static IReadOnlyList<int> Encode(LocalModel model, string text) => text.Length == 0 ? [] : [.. model.Tokenizer.Encode(text)];

    private static IReadOnlyList<int> Literal(LocalModel model, string text) => text.Length == 0 ? [] : [.. model.Tokenizer.Encode(text, specialTokensAsText: true)];

    [GeneratedRegex(@"^# (?<name>user|assistant|answers)[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
