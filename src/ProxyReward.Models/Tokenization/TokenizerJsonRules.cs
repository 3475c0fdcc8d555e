namespace ProxyReward.Models.Tokenization;

/// <summary>The small parts of <c>tokenizer.json</c>: each component is understood exactly or refused by name.</summary>
internal static class TokenizerJsonRules
{
    public static TokenizerParts Assemble(
        Dictionary<string, JsonSection> sections,
        Dictionary<string, JsonSection> model,
        Dictionary<string, int> vocabulary,
        MergeTable merges,
        string source)
    {
        RequireByteLevelBpe(model);
        Require(sections["decoder"], component => component.Type == "ByteLevel");
        var unknown = model["unk_token"] is { IsNone: false } name && name.Text() is { Length: > 0 } text
            ? vocabulary.TryGetValue(text, out var id) ? id : throw TokenizerFile.Broken(source, $"the unk_token '{text}' is not in the vocabulary")
            : (int?)null;
        var (prefix, suffix) = PostProcessor(sections["post_processor"]);
        return new TokenizerParts
        {
            Source = source,
            Vocabulary = vocabulary,
            Merges = merges,
            Added = [.. sections["added_tokens"].Items().Select(Added)],
            Splitters = PreTokenizer(sections["pre_tokenizer"]),
            Nfc = Normalizer(sections["normalizer"]),
            IgnoreMerges = model["ignore_merges"].Flag(),
            Unknown = unknown,
            Prefix = prefix,
            Suffix = suffix,
        };
    }

    private static void RequireByteLevelBpe(Dictionary<string, JsonSection> model)
    {
        // Old files leave the type out; only BPE has merges.
        Require(model["type"], type => type.IsNone || type.Text() == "BPE");
        Require(model["dropout"], dropout => dropout.IsNone);
        Require(model["continuing_subword_prefix"], prefix => prefix.IsNone || prefix.Text().Length == 0);
        Require(model["end_of_word_suffix"], suffix => suffix.IsNone || suffix.Text().Length == 0);
        Require(model["fuse_unk"], fuse => !fuse.Flag());
        Require(model["byte_fallback"], fallback => !fallback.Flag());
    }

    private static AddedToken Added(JsonSection token) => new(token["id"].Integer(), token["content"].Text())
    {
        Special = token["special"].Flag(),
        SingleWord = token["single_word"].Flag(),
        LStrip = token["lstrip"].Flag(),
        RStrip = token["rstrip"].Flag(),
        Normalized = token["normalized"].Flag(),
    };

    private static bool Normalizer(JsonSection section)
    {
        var components = Flatten(section, "normalizers").ToList();
        components.ForEach(component => Require(component, normalizer => normalizer.Type == "NFC"));
        return components.Count > 0;
    }

    private static List<ISplitter> PreTokenizer(JsonSection section)
    {
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

    /// <summary>What is put before and behind a single text.</summary>
    private static (List<int> Prefix, List<int> Suffix) PostProcessor(JsonSection section)
    {
        var (prefix, suffix) = (new List<int>(), new List<int>());
        // ByteLevel moves offsets only, which nothing here asks for.
        var templates = Flatten(section, "processors").Where(component => component.Type != "ByteLevel").ToList();
        if (templates is [])
        {
            return (prefix, suffix);
        }

        if (templates is not [{ Type: "TemplateProcessing" } template])
        {
            throw Refused(section);
        }

        var at = prefix;
        foreach (var piece in template["single"].Items())
        {
            var special = piece["SpecialToken"];
            if (special.IsNone)
            {
                Require(piece["Sequence"]["id"], id => id.Text() == "A" && at == prefix);
                at = suffix;
            }
            else
            {
                at.AddRange(template["special_tokens"][special["id"].Text()]["ids"].Items().Select(id => id.Integer()));
            }
        }

        return (prefix, suffix);
    }

    /// <summary>The components of a section: none, one, or those of a "Sequence" under <paramref name="key"/>.</summary>
    private static IEnumerable<JsonSection> Flatten(JsonSection section, string key) => section switch
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

    private static RequestException Refused(JsonSection section) =>
        TokenizerFile.Unsupported(section.Source, section.IsNone ? $"a missing {section.Path}" : $"{section.Path} {section.Shortened}");
}
