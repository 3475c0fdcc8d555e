namespace ProxyReward.Recipes;

/// <summary>A key to which two texts of settings, as <see cref="RecipeFile"/> writes them, give different values.</summary>
/// <param name="Key">Dotted, as <c>--set</c> takes it.</param>
/// <param name="There">The value in the older text; null where it has no such key.</param>
/// <param name="Asked">The value in the newer text, likewise.</param>
internal sealed record SettingChange(string Key, string? There, string? Asked)
{
    // Stands for the value of a key that has keys of its own.
    private const string Section = "…";

    /// <summary>What differs, in the order of the texts; nothing where they say the same in another form.</summary>
    public static IReadOnlyList<SettingChange> Between(string there, string asked)
    {
        var (old, now) = (ValuesOf(there), ValuesOf(asked));
        return
        [
            .. old.Keys.Union(now.Keys, StringComparer.Ordinal)
                .Select(key => new SettingChange(key, old.GetValueOrDefault(key), now.GetValueOrDefault(key)))
                .Where(change => change.There != change.Asked),
        ];
    }

    /// <inheritdoc/>
    public override string ToString() => $"there {Line(There)}, asked {Line(Asked)}";

    private string Line(string? value) => value is null ? $"nothing of '{Key}'" : $"'{Key}: {value}'";

    // One key a line, two blanks deeper than the section it is in.
    private static OrderedDictionary<string, string> ValuesOf(string text)
    {
        var values = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        var sections = new List<string>();
        foreach (var line in text.Split('\n').Where(line => line.Contains(':', StringComparison.Ordinal) && line[0] != '#'))
        {
            var (key, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            var depth = (key.Length - key.TrimStart().Length) / 2;
            sections = [.. sections.Take(depth), key.Trim()];
            values[string.Join('.', sections)] = value.Length == 0 ? Section : value;
        }

        return values;
    }
}
