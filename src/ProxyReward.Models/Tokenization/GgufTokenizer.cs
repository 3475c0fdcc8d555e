namespace ProxyReward.Models.Tokenization;

/// <summary>
/// The tokenizer of a GGUF file: the values of its <c>tokenizer.ggml.*</c> keys, as they stand there. A kind of list that the file lacks is
/// empty, an id or flag that it lacks is null.
/// </summary>
public sealed record GgufTokenizer
{
    /// <summary>The file, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>gpt2: byte-level BPE, the only kind that is read; llama: SentencePiece.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the rules that split text before BPE (llama-bpe, qwen2, smollm, gpt-2, …). Files made before 2024 have none and cannot be read rightly.</summary>
    public string? Pre { get; init; }

    /// <summary>By id, in byte-level spelling where the model is gpt2.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>By id, llama.cpp's kinds: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.</summary>
    public IReadOnlyList<int> TokenTypes { get; init; } = [];

    /// <summary>By id (SentencePiece).</summary>
    public IReadOnlyList<float> Scores { get; init; } = [];

    /// <summary>"left right", the first merged first.</summary>
    public IReadOnlyList<string> Merges { get; init; } = [];

    public int? BosTokenId { get; init; }
    public int? EosTokenId { get; init; }

    /// <summary>Ends a turn, where that is another token than <see cref="EosTokenId"/>.</summary>
    public int? EotTokenId { get; init; }

    /// <summary>Ends a message that a tool is to answer, where that is a token of its own (Llama 3).</summary>
    public int? EomTokenId { get; init; }

    public int? UnknownTokenId { get; init; }
    public int? PaddingTokenId { get; init; }

    /// <summary>Where the key is absent, Llama 3's rules and Tekken's add it and the others do not (llama.cpp's defaults).</summary>
    public bool? AddBosToken { get; init; }

    public bool? AddEosToken { get; init; }
    public bool? AddSpacePrefix { get; init; }

    /// <summary>Jinja.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The special tokens by the names that chat templates use.</summary>
    internal IReadOnlyDictionary<string, string> SpecialTokens =>
        new[] { ("bos_token", BosTokenId), ("eos_token", EosTokenId), ("unk_token", UnknownTokenId), ("pad_token", PaddingTokenId) }
            .Where(token => token.Item2 is { } id && id >= 0 && id < Tokens.Count)
            .ToDictionary(token => token.Item1, token => Tokens[token.Item2!.Value], StringComparer.Ordinal);

    /// <summary>Whether a word that is a token is taken whole, without merging, under these rules.</summary>
    internal bool IgnoresMerges => IgnoresMergesUnder(Pre);

    /// <summary>Whether models of these rules were trained on composed text (NFC), which GGUF has no word for and llama.cpp leaves out.</summary>
    internal bool Composes => Pre is "qwen2";

    /// <summary>What stands before every text; null: nothing.</summary>
    internal int? Prefix => AddBosToken ?? IgnoresMerges ? BosTokenId ?? throw Missing("bos") : null;

    /// <summary>What stands after every text; null: nothing.</summary>
    internal int? Suffix => AddEosToken ?? false ? EosTokenId ?? throw Missing("eos") : null;

    internal static bool IgnoresMergesUnder(string? pre) => pre is "llama-bpe" or "llama3" or "llama-v3" or "tekken";

    internal TokenizerParts ToParts()
    {
        if (Model == "llama")
        {
            throw new RequestException($"{Source}: tokenizer.ggml.model = 'llama' (SentencePiece) is not read from a GGUF. Take the model's Hugging Face folder: its tokenizer.json says the same as BPE with byte fallback.");
        }

        if (Model != "gpt2")
        {
            throw TokenizerFile.Unsupported(Source, $"tokenizer.ggml.model = '{Model}'");
        }

        if (TokenTypes.Count != Tokens.Count)
        {
            throw TokenizerFile.Broken(Source, $"tokenizer.ggml.token_type has {TokenTypes.Count} entries for {Tokens.Count} tokens");
        }

        var vocabulary = new Dictionary<string, int>(Tokens.Count);
        var added = new List<AddedToken>();
        for (var id = 0; id < Tokens.Count; id++)
        {
            switch (TokenTypes[id])
            {
                case 3 or 4:
                    added.Add(new AddedToken(id, Tokens[id]) { Special = TokenTypes[id] == 3 });
                    break;
                case 5:
                    break; // rows that only fill the embedding matrix up
                default:
                    if (!vocabulary.TryAdd(Tokens[id], id))
                    {
                        throw TokenizerFile.Broken(Source, $"tokenizer.ggml.tokens has '{Tokens[id]}' at {vocabulary[Tokens[id]]} and again at {id}");
                    }

                    break;
            }
        }

        var merges = new MergeTable(vocabulary, Source);
        foreach (var merge in Merges)
        {
            merges.Add(merge);
        }

        return new TokenizerParts
        {
            Source = Source,
            Vocabulary = vocabulary,
            Encoder = new BytePairEncoder(new ByteTokens(vocabulary, unknown: null), merges, IgnoresMerges ? vocabulary : null),
            Added = added,
            Spelling = new ByteLevelSpelling(),
            Splitters = Pre switch
            {
                "gpt-2" => [new Gpt2Splitter()],
                "smollm" => [new DigitSplitter(), new Gpt2Splitter()],
                "qwen2" => [new Llama3Splitter(digits: 1)],
                "tekken" => [new TekkenSplitter()],
                null => throw new RequestException($"{Source}: does not say how its tokenizer splits text (tokenizer.ggml.pre); convert the model again."),
                _ when IgnoresMerges => [new Llama3Splitter(digits: 3)],
                _ => throw TokenizerFile.Unsupported(Source, $"tokenizer.ggml.pre = '{Pre}'"),
            },
            Normalizers = Composes ? [CanonicalComposition.Compose] : [],
            Prefix = Prefix is { } bos ? [bos] : [],
            Suffix = Suffix is { } eos ? [eos] : [],
        };
    }

    private RequestException Missing(string name) =>
        TokenizerFile.Broken(Source, $"tokenizer.ggml.add_{name}_token asks for a token, and there is no tokenizer.ggml.{name}_token_id");
}
