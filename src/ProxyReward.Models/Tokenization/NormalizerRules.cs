namespace ProxyReward.Models.Tokenization;

/// <summary>The normalisers of <c>tokenizer.json</c>: what happens to a text before it is cut.</summary>
internal static class NormalizerRules
{
    /// <summary>The one regular expression that published files hold: runs of spaces (SentencePiece's remove_extra_whitespaces).</summary>
    private const string SpaceRuns = " {2,}";

    /// <exception cref="RequestException">A rule is not known, or damaged.</exception>
    public static List<Func<string, string>> Read(JsonSection section) =>
        [.. TokenizerJsonRules.Flatten(section, "normalizers").Select(Of)];

    private static Func<string, string> Of(JsonSection rule) => rule.Type switch
    {
        "NFC" => CanonicalComposition.Compose,
        "NFKC" => CanonicalComposition.ComposeCompatible,
        "Strip" => Strip(rule["strip_left"].Flag(), rule["strip_right"].Flag()),
        "Precompiled" => Precompiled(rule["precompiled_charsmap"]),
        "Prepend" => Prepend(rule["prepend"].Text()),
        "Replace" => Replace(rule["pattern"], rule["content"].Text()),
        _ => throw TokenizerJsonRules.Refused(rule),
    };

    private static Func<string, string> Prepend(string prefix) => text => text.Length == 0 ? text : prefix + text;

    private static Func<string, string> Strip(bool left, bool right) => text =>
        (left, right) switch
        {
            (true, true) => text.Trim(),
            (true, false) => text.TrimStart(),
            (false, true) => text.TrimEnd(),
            _ => text,
        };

    private static Func<string, string> Precompiled(JsonSection map)
    {
        try
        {
            return new CharacterMap(Convert.FromBase64String(map.Text())).Normalize;
        }
        catch (FormatException e)
        {
            throw TokenizerFile.Broken(map.Source, $"{map.Path}: {e.Message}");
        }
    }

    private static Func<string, string> Replace(JsonSection pattern, string content)
    {
        if (pattern["String"] is { IsNone: false } literal && literal.Text() is { Length: > 0 } sought)
        {
            return text => text.Replace(sought, content);
        }

        return pattern["Regex"].Text() == SpaceRuns ? text => ReplaceSpaceRuns(text, content) : throw TokenizerJsonRules.Refused(pattern);
    }

    private static string ReplaceSpaceRuns(string text, string content)
    {
        var result = new System.Text.StringBuilder(text.Length);
        for (int at = 0, end; at < text.Length; at = end)
        {
            end = at + 1;
            while (text[at] == ' ' && end < text.Length && text[end] == ' ')
            {
                end++;
            }

            result.Append(end - at > 1 ? content : text.AsSpan(at, 1));
        }

        return result.ToString();
    }
}
