namespace ProxyReward.Models.Tokenization;

/// <summary>What a tokenizer is made of, whichever file it came from. Checked as it is put together by <see cref="Validate"/>.</summary>
internal sealed class TokenizerParts
{
    /// <summary>The file, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>Ids of the tokens, written as <see cref="Spelling"/> has it.</summary>
    public required Dictionary<string, int> Vocabulary { get; init; }

    /// <summary>What turns pieces into ids.</summary>
    public required IPieceEncoder Encoder { get; init; }

    /// <summary>Tokens that are cut out of the text; some may be in the vocabulary too.</summary>
    public required IReadOnlyList<AddedToken> Added { get; init; }

    /// <summary>The rules that cut a text, each applied to the pieces of the one before.</summary>
    public required IReadOnlyList<ISplitter> Splitters { get; init; }

    /// <summary>What happens to a text before it is cut, in order.</summary>
    public IReadOnlyList<Func<string, string>> Normalizers { get; init; } = [];

    /// <summary>How spaces are written before a text is cut; null: as they are, or as a normaliser has written them.</summary>
    public Metaspace? Metaspace { get; init; }

    /// <summary>What bytes a token stands for.</summary>
    public required ITokenSpelling Spelling { get; init; }

    /// <summary>Special tokens put before a text.</summary>
    public IReadOnlyList<int> Prefix { get; init; } = [];

    /// <summary>Special tokens put behind a text.</summary>
    public IReadOnlyList<int> Suffix { get; init; } = [];

    /// <summary>What is put around two texts; null where the file does not say.</summary>
    public PairTemplate? Pair { get; init; }

    /// <summary>Tokens by id; null where an id is not used.</summary>
    public string?[] Validate()
    {
        var count = Vocabulary.Count + Added.Count;
        var largest = Math.Max(Vocabulary.Values.DefaultIfEmpty(-1).Max(), Added.Select(token => token.Id).DefaultIfEmpty(-1).Max());
        if (count == 0)
        {
            throw TokenizerFile.Broken(Source, "the vocabulary is empty");
        }

        // Gaps are legal, but an id costs memory: a damaged one must not cost gigabytes.
        if (largest > (2L * count) + 1024)
        {
            throw TokenizerFile.Broken(Source, $"id {largest} is out of proportion to the {count} tokens");
        }

        var tokens = new string?[largest + 1];
        foreach (var (token, id) in Vocabulary.Select(pair => (pair.Key, pair.Value)).Concat(Added.Select(token => (token.Content, token.Id))))
        {
            if (id < 0)
            {
                throw TokenizerFile.Broken(Source, $"token '{token}' has the id {id}");
            }

            if (tokens[id] is { } other && other != token)
            {
                throw TokenizerFile.Broken(Source, $"tokens '{other}' and '{token}' share the id {id}");
            }

            tokens[id] = token;
        }

        var known = new HashSet<string>();
        foreach (var token in Added)
        {
            if (token.Content.Length == 0 || !known.Add(token.Content))
            {
                throw TokenizerFile.Broken(Source, $"the added token '{token.Content}' (id {token.Id}) is empty or repeated");
            }

            if (Vocabulary.TryGetValue(token.Content, out var id) && id != token.Id)
            {
                throw TokenizerFile.Broken(Source, $"'{token.Content}' has the id {id} in the vocabulary and {token.Id} among the added tokens");
            }
        }

        if (Prefix.Concat(Suffix).Concat(Pair?.Tokens ?? []).Where(id => id < 0 || id >= tokens.Length || tokens[id] is null).ToList() is [var missing, ..])
        {
            throw TokenizerFile.Broken(Source, $"token {missing}, which is to be put around a text, does not exist");
        }

        return tokens;
    }
}
