namespace ProxyReward.Models.Tokenization;

/// <summary>The small parts of <c>tokenizer.json</c>: each component is understood exactly or refused by name.</summary>
internal static class TokenizerJsonRules
{
    private static readonly string[] UnigramSettings = ["type", "unk_id", "byte_fallback"];

    public static TokenizerParts Assemble(
        Dictionary<string, JsonSection> sections, Dictionary<string, JsonSection> model, ModelTables tables, string source)
    {
        List<AddedToken> added = [.. sections["added_tokens"].Items().Select(Added)];
        var around = PostProcessorRules.Read(sections["post_processor"]);
        var (preTokenizer, decoder) = (sections["pre_tokenizer"], sections["decoder"]);
        TokenizerParts Parts(IPieceEncoder encoder, IReadOnlyList<ISplitter> splitters, ITokenSpelling spelling, Metaspace? metaspace = null) => new()
        {
            Source = source,
            Vocabulary = tables.Vocabulary,
            Encoder = encoder,
            Added = added,
            Splitters = splitters,
            Normalizers = NormalizerRules.Read(sections["normalizer"]),
            Metaspace = metaspace,
            Spelling = spelling,
            Prefix = around.Prefix,
            Suffix = around.Suffix,
            Pair = around.Pair,
        };

        if (tables.Entries is { } entries)
        {
            var metaspace = MetaspaceOf(preTokenizer, decoder);
            return Parts(Unigram(model, entries, added), [metaspace], metaspace, metaspace);
        }

        RequireBytePairs(model);
        var wholePieces = model["ignore_merges"].Flag() ? tables.Vocabulary : null;
        if (!model["byte_fallback"].Flag())
        {
            Require(model["fuse_unk"], fuse => !fuse.Flag());
            return Parts(
                new BytePairEncoder(new ByteTokens(tables.Vocabulary, UnknownOf(model, tables, source)), tables.Merges, wholePieces),
                PreTokenizer(preTokenizer, decoder),
                new ByteLevelSpelling());
        }

        // With a token for every byte nothing is unknown: unk_token and fuse_unk have no effect.
        var rules = ByteFallbackRules.Read(preTokenizer, decoder);
        return Parts(
            new BytePairEncoder(new CharacterTokens(tables.Vocabulary, source), tables.Merges, wholePieces),
            wholePieces is null ? [.. rules.Splitters, new WordStarts(tables.Vocabulary.Keys)] : rules.Splitters,
            rules.Spelling,
            rules.Metaspace);
    }

    private static void RequireBytePairs(Dictionary<string, JsonSection> model)
    {
        // Old files leave the type out; only BPE has merges.
        Require(model["type"], type => type.IsNone || type.Text() == "BPE");
        Require(model["dropout"], dropout => dropout.IsNone);
        Require(model["continuing_subword_prefix"], prefix => prefix.IsNone || prefix.Text().Length == 0);
        Require(model["end_of_word_suffix"], suffix => suffix.IsNone || suffix.Text().Length == 0);
        Require(model["unk_id"], id => id.IsNone);
    }

    private static int? UnknownOf(Dictionary<string, JsonSection> model, ModelTables tables, string source) =>
        model["unk_token"] is { IsNone: false } name && name.Text() is { Length: > 0 } text
            ? tables.Vocabulary.TryGetValue(text, out var id) ? id : throw TokenizerFile.Broken(source, $"the unk_token '{text}' is not in the vocabulary")
            : null;

    private static UnigramEncoder Unigram(Dictionary<string, JsonSection> model, List<(string Text, double Score)> entries, List<AddedToken> added)
    {
        Require(model["type"], type => type.IsNone || type.Text() == "Unigram");
        Require(model["byte_fallback"], fallback => !fallback.Flag());
        foreach (var setting in model.Where(setting => !UnigramSettings.Contains(setting.Key)))
        {
            Require(setting.Value, value => value.IsNone);
        }

        Require(model["unk_id"], id => !id.IsNone && id.Integer() >= 0 && id.Integer() < entries.Count);
        return new UnigramEncoder(entries, model["unk_id"].Integer(), added.Where(token => token.Special).Select(token => token.Id).ToHashSet());
    }

    private static Metaspace MetaspaceOf(JsonSection preTokenizer, JsonSection decoder)
    {
        var rules = Flatten(preTokenizer, "pretokenizers").ToList();
        Require(preTokenizer, section => rules is [{ Type: "Metaspace" }]);
        Require(decoder, section => !section.IsNone && section.Type == "Metaspace");
        var (writes, reads) = (ByteFallbackRules.MetaspaceOf(rules[0]), ByteFallbackRules.MetaspaceOf(decoder));
        Require(decoder, _ => reads with { Splits = writes.Splits } == writes);
        return writes;
    }

    private static AddedToken Added(JsonSection token) => new(token["id"].Integer(), token["content"].Text())
    {
        Special = token["special"].Flag(),
        SingleWord = token["single_word"].Flag(),
        LStrip = token["lstrip"].Flag(),
        RStrip = token["rstrip"].Flag(),
        Normalized = token["normalized"].Flag(),
    };

    private static List<ISplitter> PreTokenizer(JsonSection section, JsonSection decoder)
    {
        Require(decoder, component => component.Type == "ByteLevel");
        var splitters = new List<ISplitter>();
        var components = Flatten(section, "pretokenizers").ToList();
        foreach (var component in components)
        {
            switch (component.Type)
            {
                case "ByteLevel":
                    Require(component["add_prefix_space"], prefix => !prefix.Flag(absent: true));
                    if (component["use_regex"].Flag(absent: true))
                    {
                        splitters.Add(new Gpt2Splitter());
                    }

                    break;
                case "Digits":
                    Require(component["individual_digits"], individual => individual.Flag());
                    splitters.Add(new DigitSplitter());
                    break;
                case "Split":
                    splitters.Add(Split(component));
                    break;
                default:
                    throw Refused(component);
            }
        }

        // ByteLevel turns text into the byte alphabet: a rule behind it would see bytes, a file without it is not byte-level.
        if (components.FindIndex(component => component.Type == "ByteLevel") is var at && (at < 0 || at != components.Count - 1))
        {
            throw Refused(section);
        }

        return splitters;
    }

    private static ISplitter Split(JsonSection component)
    {
        Require(component["behavior"], behavior => behavior.Text() == "Isolated");
        Require(component["invert"], invert => !invert.Flag());
        var pattern = component["pattern"]["Regex"];
        return pattern.Text() switch
        {
            Gpt2Splitter.Pattern => new Gpt2Splitter(),
            Llama3Splitter.PatternOfThreeDigits => new Llama3Splitter(digits: 3),
            Llama3Splitter.PatternOfOneDigit => new Llama3Splitter(digits: 1),
            TekkenSplitter.Pattern => new TekkenSplitter(),
            _ => throw Refused(pattern),
        };
    }

    /// <summary>The components of a section: none, one, or those of a "Sequence" under <paramref name="key"/>.</summary>
    internal static IEnumerable<JsonSection> Flatten(JsonSection section, string key) => section switch
    {
        { IsNone: true } => [],
        { Type: "Sequence" } => section[key].Items().SelectMany(component => Flatten(component, key)),
        _ => [section],
    };

    internal static void Require(JsonSection section, Func<JsonSection, bool> understood)
    {
        if (!understood(section))
        {
            throw Refused(section);
        }
    }

    internal static RequestException Refused(JsonSection section) =>
        TokenizerFile.Unsupported(section.Source, section.IsNone ? $"a missing {section.Path}" : $"{section.Path} {section.Shortened}");
}
