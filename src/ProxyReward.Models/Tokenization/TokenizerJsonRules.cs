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
        var metaspace = tables.Entries is null ? null : MetaspaceOf(sections);
        return new TokenizerParts
        {
            Source = source,
            Vocabulary = tables.Vocabulary,
            Encoder = tables.Entries is { } entries ? Unigram(model, entries, added) : BytePairs(model, tables, source),
            Added = added,
            Splitters = metaspace is null ? PreTokenizer(sections["pre_tokenizer"], sections["decoder"]) : [metaspace],
            Normalizers = NormalizerRules.Read(sections["normalizer"]),
            Metaspace = metaspace,
            Prefix = around.Prefix,
            Suffix = around.Suffix,
            Pair = around.Pair,
        };
    }

    private static BytePairEncoder BytePairs(Dictionary<string, JsonSection> model, ModelTables tables, string source)
    {
        // Old files leave the type out; only BPE has merges.
        Require(model["type"], type => type.IsNone || type.Text() == "BPE");
        Require(model["dropout"], dropout => dropout.IsNone);
        Require(model["continuing_subword_prefix"], prefix => prefix.IsNone || prefix.Text().Length == 0);
        Require(model["end_of_word_suffix"], suffix => suffix.IsNone || suffix.Text().Length == 0);
        Require(model["fuse_unk"], fuse => !fuse.Flag());
        Require(model["byte_fallback"], fallback => !fallback.Flag());
        Require(model["unk_id"], id => id.IsNone);
        var unknown = model["unk_token"] is { IsNone: false } name && name.Text() is { Length: > 0 } text
            ? tables.Vocabulary.TryGetValue(text, out var id) ? id : throw TokenizerFile.Broken(source, $"the unk_token '{text}' is not in the vocabulary")
            : (int?)null;
        return new BytePairEncoder(tables.Vocabulary, tables.Merges, model["ignore_merges"].Flag(), unknown);
    }

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

    private static Metaspace MetaspaceOf(Dictionary<string, JsonSection> sections)
    {
        var rules = Flatten(sections["pre_tokenizer"], "pretokenizers").ToList();
        Require(sections["pre_tokenizer"], section => rules is [{ Type: "Metaspace" }]);
        Require(sections["decoder"], decoder => !decoder.IsNone && decoder.Type == "Metaspace");
        var (writes, reads) = (Of(rules[0]), Of(sections["decoder"]));
        Require(sections["decoder"], _ => reads with { Splits = writes.Splits } == writes);
        return writes;

        static Metaspace Of(JsonSection rule)
        {
            Require(rule["replacement"], mark => mark.Text().Length == 1);

            // "first" would treat the beginning of a text unlike what follows an added token.
            var scheme = rule["prepend_scheme"] is { IsNone: false } named ? named.Text() : rule["add_prefix_space"].Flag(absent: true) ? "always" : "never";
            Require(rule["prepend_scheme"], _ => scheme is "always" or "never");
            return new Metaspace(rule["replacement"].Text()[0], scheme == "always", rule["split"].Flag(absent: true));
        }
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

    private static void Require(JsonSection section, Func<JsonSection, bool> understood)
    {
        if (!understood(section))
        {
            throw Refused(section);
        }
    }

    internal static RequestException Refused(JsonSection section) =>
        TokenizerFile.Unsupported(section.Source, section.IsNone ? $"a missing {section.Path}" : $"{section.Path} {section.Shortened}");
}
