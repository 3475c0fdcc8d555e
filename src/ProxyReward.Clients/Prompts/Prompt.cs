using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace ProxyReward.Clients.Prompts;

/// <summary>
/// A prompt file: Markdown with the sections <c># system</c> and <c># user</c> and gaps such as <c>{{count}}</c>. The files stand beside
/// this class, are built into the assembly, and can be replaced by a folder with files of the same names. The hash of a file is
/// part of the cache key of every request made from it.
/// </summary>
public sealed partial class Prompt
{
    private const string Resources = "ProxyReward.Clients.Prompts.";
    private readonly string system;
    private readonly string user;

    private Prompt(string name, string text, string place)
    {
        Name = name;
        Text = text;
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
        var parts = Heading().Split(text.ReplaceLineEndings("\n"));
        if (parts.Length != 5 || parts[1] != "system" || parts[3] != "user" || parts[0].Trim().Length > 0)
        {
            throw new RequestException($"{place}: a prompt consists of a section '# system' and a section '# user', in this order.");
        }

        (system, user) = (parts[2].Trim(), parts[4].Trim());
    }

    /// <summary>The names of the prompts that come with the program.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(Prompt).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Resources, StringComparison.Ordinal))
            .Select(name => name[Resources.Length..^".md".Length]).Order(StringComparer.Ordinal)];

    /// <summary>The file's name without .md.</summary>
    public string Name { get; }

    /// <summary>The whole file.</summary>
    public string Text { get; }

    /// <summary>The first 16 hex digits of the file's SHA-256.</summary>
    public string Hash { get; }

    /// <summary>Loads a prompt.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="folder">A folder whose files go before the built-in ones; null: built-in only.</param>
    /// <exception cref="RequestException">The file has not the two sections, or there is no such prompt.</exception>
    public static Prompt Load(string name, string? folder = null)
    {
        if (folder is not null)
        {
            if (!Directory.Exists(folder))
            {
                throw new RequestException($"{folder}: there is no such folder of prompts.");
            }

            // A file under a wrong name would be left unread without a word.
            if (Directory.GetFiles(folder, "*.md").FirstOrDefault(file => !Names.Contains(Path.GetFileNameWithoutExtension(file))) is { } stray)
            {
                throw new RequestException($"{stray}: there is no prompt of this name; there are {string.Join(", ", Names)}.");
            }

            var file = Path.Combine(folder, $"{name}.md");
            if (File.Exists(file))
            {
                return new Prompt(name, File.ReadAllText(file), file);
            }
        }

        using var stream = typeof(Prompt).Assembly.GetManifestResourceStream($"{Resources}{name}.md")
            ?? throw new RequestException($"There is no prompt '{name}'; there are {string.Join(", ", Names)}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return new Prompt(name, reader.ReadToEnd(), name);
    }

    /// <summary>Fills the gaps. What is filled in is not searched for gaps again: it may be anybody's text.</summary>
    /// <exception cref="RequestException">The file has a gap that nothing fills.</exception>
    public IReadOnlyList<ChatMessage> Fill(IReadOnlyDictionary<string, string> values)
    {
        return [new ChatMessage(ChatRole.System, Filled(system)), new ChatMessage(ChatRole.User, Filled(user))];

        string Filled(string section) => Gap().Replace(section, match => values.TryGetValue(match.Groups["gap"].Value, out var value)
            ? value
            : throw new RequestException($"prompt '{Name}': nothing fills {match.Value}; known are {string.Join(", ", values.Keys)}."));
    }

    [GeneratedRegex(@"^# (?<name>system|user)[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\{\{(?<gap>[a-z_]+)\}\}")]
    private static partial Regex Gap();
}
