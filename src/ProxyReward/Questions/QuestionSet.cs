using System.Text;
using System.Text.Json;

namespace ProxyReward.Questions;

/// <summary>
/// Question sets as files: JSONL, one <see cref="MetaQuestion"/> a line. Whatever is wrong with a file is reported with its line
/// and how to mend it, so that nobody trains on a set that was read half.
/// </summary>
public static class QuestionSet
{
    // A question with 15 proxies is about 4 kB. A line beyond this is no question set, and must not fill the memory.
    private const int MaxLineBytes = 4 << 20;

    /// <summary>Reads a question set, in the file's order; blank lines are skipped.</summary>
    /// <exception cref="RequestException">The file is absent or unreadable, a line is no question, or an id occurs twice; the message names file and line.</exception>
    public static IReadOnlyList<MetaQuestion> Load(string path) => Load(path, rule: null);

    /// <summary>The same for whoever needs more of a question than that it is one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rule">Told each question and its place; throws where something is wrong. Null: nothing more is needed.</param>
    /// <exception cref="RequestException">As above, or what the rule throws.</exception>
    public static IReadOnlyList<MetaQuestion> Load(string path, Action<MetaQuestion, string>? rule)
    {
        if (Directory.Exists(path))
        {
            throw new RequestException($"{path}: is a folder; name a question set in it, a .jsonl file.");
        }

        if (!File.Exists(path))
        {
            throw new RequestException($"{path}: there is no such question set. Check the path, or make one with `questions generate`.");
        }

        var questions = new List<MetaQuestion>();
        var rules = new QuestionRules();
        foreach (var (number, line) in Lines(path))
        {
            var place = $"{path}:{number}";
            var question = Parse(line, place);
            rules.Check(question, place);
            rule?.Invoke(question, place);
            questions.Add(question);
        }

        return questions.Count > 0
            ? questions
            : throw new RequestException($"{path}: holds no question. Each line must be a JSON object with id, domain, meta_question and proxies.");
    }

    /// <summary>Writes a question set whole or not at all; an existing file is replaced.</summary>
    /// <exception cref="RequestException">The questions break a rule that <see cref="Load"/> would refuse.</exception>
    public static void Save(string path, IEnumerable<MetaQuestion> questions)
    {
        var text = new StringBuilder();
        var rules = new QuestionRules();
        var number = 0;
        foreach (var question in questions)
        {
            rules.Check(question, $"{path}:{++number}");
            text.Append(JsonSerializer.Serialize(question, Json.Line)).Append('\n');
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var partial = path + ".partial";
        File.WriteAllText(partial, text.ToString());
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Reads one line of a question set, without the rules that need the whole set.</summary>
    /// <param name="line">A JSON object.</param>
    /// <param name="place">Where it stands, for the message.</param>
    /// <exception cref="RequestException">The line is no question.</exception>
    public static MetaQuestion Parse(string line, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<MetaQuestion>(line, Json.Line)
                ?? throw new RequestException($"{place}: the line is null; expected a JSON object with id, domain, meta_question and proxies.");
        }
        catch (JsonException e)
        {
            var key = e.Path is { Length: > 2 } at ? $"{at[2..]}: " : "";
            var what = Json.Fault(e);
            throw new RequestException(
                $"{place}: {key}{what} Expected {{\"id\",\"domain\",\"meta_question\",\"proxies\":[{{\"id\",\"statement\",\"answer\":true|false}}]}}.", e);
        }
    }

    private static IEnumerable<(int Number, string Line)> Lines(string path)
    {
        using var reader = Open(path);
        for (var number = 1; ; number++)
        {
            string? line;
            try
            {
                line = ReadLine(reader);
            }
            catch (DecoderFallbackException e)
            {
                throw new RequestException($"{path}: near line {number} there are bytes that are not UTF-8. Save the file as UTF-8.", e);
            }
            catch (IOException e)
            {
                throw Unreadable(path, e);
            }

            if (line is null)
            {
                yield break;
            }

            if (line.Length > MaxLineBytes)
            {
                throw new RequestException($"{path}:{number}: the line is longer than {MaxLineBytes >> 20} MB; one line holds one question.");
            }

            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, line);
            }
        }
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    private static RequestException Unreadable(string path, Exception e) =>
        new($"{path}: this file cannot be read ({e.Message.TrimEnd('.')}). Give yourself the right to read it, or name another.", e);

    // StreamReader.ReadLine takes a line of any length into memory; this one stops soon after the limit.
    private static string? ReadLine(StreamReader reader)
    {
        var line = new StringBuilder();
        int letter;
        while ((letter = reader.Read()) >= 0 && letter != '\n' && line.Length <= MaxLineBytes)
        {
            line.Append((char)letter);
        }

        return letter < 0 && line.Length == 0 ? null : line.ToString();
    }
}
