namespace ProxyReward.Models.Tokenization;

/// <summary>The tokenizer inside a GGUF file: the values of its <c>tokenizer.ggml.*</c> keys, as they stand there.</summary>
public sealed record GgufVocabulary
{
    /// <summary>The file, for messages.</summary>
    public required string Source { get; init; }

    /// <summary><c>model</c>: "gpt2" is byte-level BPE, the only kind that is read.</summary>
    public required string Model { get; init; }

    /// <summary><c>pre</c>: the name of the splitting rules. Files made before 2024 have none and cannot be read rightly.</summary>
    public required string Pre { get; init; }

    /// <summary><c>tokens</c>, by id.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary><c>token_type</c>, by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.</summary>
    public required IReadOnlyList<int> TokenTypes { get; init; }

    /// <summary><c>merges</c>, each "left right", the first merged first.</summary>
    public required IReadOnlyList<string> Merges { get; init; }

    /// <summary><c>bos_token_id</c>.</summary>
    public int? BosTokenId { get; init; }

    /// <summary><c>eos_token_id</c>.</summary>
    public int? EosTokenId { get; init; }

    /// <summary><c>add_bos_token</c>; where the key is absent, Llama 3's rules add it and the others do not (llama.cpp's defaults).</summary>
    public bool? AddBos { get; init; }

    /// <summary><c>add_eos_token</c>.</summary>
    public bool? AddEos { get; init; }

    internal TokenizerParts ToParts()
    {
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

        var llama3 = Pre is "llama-bpe" or "llama3" or "llama-v3";
        return new TokenizerParts
        {
            Source = Source,
            Vocabulary = vocabulary,
            Merges = merges,
            Added = added,
            Splitters = Pre switch
            {
                "gpt-2" => [new Gpt2Splitter()],
                "smollm" => [new DigitSplitter(), new Gpt2Splitter()],
                "qwen2" => [new Llama3Splitter(digits: 1)],
                _ when llama3 => [new Llama3Splitter(digits: 3)],
                _ => throw TokenizerFile.Unsupported(Source, $"tokenizer.ggml.pre = '{Pre}'"),
            },
            Nfc = Pre == "qwen2", // llama.cpp leaves it out; the model was trained with it
            IgnoreMerges = llama3,
            Prefix = AddBos ?? llama3 ? [Required(BosTokenId, "bos")] : [],
            Suffix = AddEos ?? false ? [Required(EosTokenId, "eos")] : [],
        };
    }

    private int Required(int? id, string name) =>
        id ?? throw TokenizerFile.Broken(Source, $"tokenizer.ggml.add_{name}_token asks for a token, and there is no tokenizer.ggml.{name}_token_id");
}
