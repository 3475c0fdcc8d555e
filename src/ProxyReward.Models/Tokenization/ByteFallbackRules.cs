namespace ProxyReward.Models.Tokenization;

/// <summary>
/// What <c>tokenizer.json</c> says of BPE over characters with byte fallback: SentencePiece's models as Llama 2, Mistral 7B and Gemma publish them.
/// </summary>
/// <param name="Metaspace">How spaces are written, where the pre-tokenizer does it; a normaliser may have done it before.</param>
/// <param name="Splitters">What cuts a text.</param>
/// <param name="Spelling">What tokens stand for.</param>
internal sealed record ByteFallbackRules(Metaspace? Metaspace, IReadOnlyList<ISplitter> Splitters, ITokenSpelling Spelling)
{
    /// <exception cref="RequestException">A rule is not known, or damaged.</exception>
    public static ByteFallbackRules Read(JsonSection preTokenizer, JsonSection decoder)
    {
        var spelling = SpellingOf(decoder);
        return TokenizerJsonRules.Flatten(preTokenizer, "pretokenizers").ToList() switch
        {
            [] => new(null, [], spelling),
            [{ Type: "Metaspace" } rule] => MetaspaceOf(rule) is var metaspace && metaspace.Mark == Metaspace.UsualMark
                ? new(metaspace, [metaspace], spelling)
                : throw TokenizerJsonRules.Refused(rule["replacement"]), // the decoder reads another
            [{ Type: "Split" } rule] => new(null, [Split(rule)], spelling),
            _ => throw TokenizerJsonRules.Refused(preTokenizer),
        };
    }

    /// <summary>A rule of the type Metaspace.</summary>
    public static Metaspace MetaspaceOf(JsonSection rule)
    {
        TokenizerJsonRules.Require(rule["replacement"], mark => mark.Text().Length == 1);
        var scheme = rule["prepend_scheme"] is { IsNone: false } named ? named.Text() : rule["add_prefix_space"].Flag(absent: true) ? "always" : "never";
        TokenizerJsonRules.Require(rule["prepend_scheme"], _ => scheme is "always" or "never" or "first");
        return new Metaspace(rule["replacement"].Text()[0], Enum.Parse<PrependScheme>(scheme, ignoreCase: true), rule["split"].Flag(absent: true));
    }

    private static LiteralSplitter Split(JsonSection rule)
    {
        TokenizerJsonRules.Require(rule["behavior"], behavior => behavior.Text() == "MergedWithPrevious");
        TokenizerJsonRules.Require(rule["invert"], invert => !invert.Flag());
        TokenizerJsonRules.Require(rule["pattern"], pattern => pattern["String"] is { IsNone: false } literal && literal.Text().Length > 0);
        return new LiteralSplitter(rule["pattern"]["String"].Text());
    }

    /// <summary>▁ to a space, bytes to characters, all joined, and in some files the first space gone.</summary>
    private static ByteFallbackSpelling SpellingOf(JsonSection decoder)
    {
        var rules = TokenizerJsonRules.Flatten(decoder, "decoders").ToList();
        if (!rules.Select(rule => rule.Type).SequenceEqual(["Replace", "ByteFallback", "Fuse", .. rules.Skip(3).Take(1).Select(_ => "Strip")]))
        {
            throw TokenizerJsonRules.Refused(decoder);
        }

        TokenizerJsonRules.Require(rules[0], rule => rule["pattern"]["String"] is { IsNone: false } mark && mark.Text() == Metaspace.UsualMark.ToString() && rule["content"].Text() == " ");
        if (rules is [_, _, _, var strip])
        {
            TokenizerJsonRules.Require(strip, rule => rule["content"].Text() == " " && rule["start"].Integer() is 0 or 1 && rule["stop"].Integer() == 0);
        }

        return new ByteFallbackSpelling(stripsSpace: rules is [_, _, _, var last] && last["start"].Integer() == 1);
    }
}
