namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>The tokenizer inside a GGUF, as plain lists. A kind of list that the file lacks is empty, an id or flag that it lacks is null.</summary>
public sealed record GgufTokenizer
{
    /// <summary>gpt2: byte-level BPE; llama: SentencePiece.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the rule that splits text before BPE (llama-bpe, qwen2, smollm, gpt-2, …).</summary>
    public string? Pre { get; init; }

    /// <summary>By id, in byte-level spelling where the model is gpt2.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>By id, llama.cpp's kinds: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.</summary>
    public IReadOnlyList<int> TokenTypes { get; init; } = [];

    /// <summary>By id (SentencePiece).</summary>
    public IReadOnlyList<float> Scores { get; init; } = [];

    /// <summary>"left right", the most urgent first.</summary>
    public IReadOnlyList<string> Merges { get; init; } = [];

    public int? BosTokenId { get; init; }
    public int? EosTokenId { get; init; }

    /// <summary>Ends a turn, where that is another token than <see cref="EosTokenId"/>.</summary>
    public int? EotTokenId { get; init; }

    public int? UnknownTokenId { get; init; }
    public int? PaddingTokenId { get; init; }
    public bool? AddBosToken { get; init; }
    public bool? AddEosToken { get; init; }
    public bool? AddSpacePrefix { get; init; }

    /// <summary>Jinja.</summary>
    public string? ChatTemplate { get; init; }
}
