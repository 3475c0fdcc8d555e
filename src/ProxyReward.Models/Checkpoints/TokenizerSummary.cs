using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Checkpoints;

/// <summary>What a tokenizer is, for people.</summary>
/// <param name="Kind">Byte-level BPE, BPE with byte fallback, or Unigram.</param>
/// <param name="Ids">One more than the largest id.</param>
/// <param name="AddedTokens">Those that are cut out of a text before it is split.</param>
/// <param name="Splitting">How a text is cut before its pieces are encoded: the models known for it.</param>
public sealed record TokenizerSummary(string Kind, int Ids, int AddedTokens, string Splitting)
{
    internal static TokenizerSummary Of(Tokenizer tokenizer) =>
        new(KindOf(tokenizer), tokenizer.VocabSize, tokenizer.AddedTokens.Count, SplittingOf(tokenizer.Splitters));

    private static string KindOf(Tokenizer tokenizer) => tokenizer.Spelling switch
    {
        Metaspace => "Unigram",
        ByteFallbackSpelling => "BPE with byte fallback",
        _ => "byte-level BPE",
    };

    private static string SplittingOf(IReadOnlyList<ISplitter> rules) => rules switch
    {
        [] => "not at all",
        [Gpt2Splitter] => "as GPT-2 does",
        [DigitSplitter, Gpt2Splitter] => "as SmolLM2 does",
        [Llama3Splitter { Digits: 1 }] => "as Qwen2 does",
        [Llama3Splitter { Digits: 3 }] => "as Llama 3 does",
        [TekkenSplitter] => "as Mistral Nemo does",
        [WordStarts] or [Metaspace { Splits: true }, ..] or [Metaspace, WordStarts] or [LiteralSplitter, WordStarts] => "at spaces",
        _ => $"by {rules.Count} rules of its own",
    };
}

/// <summary>A token with a meaning.</summary>
/// <param name="Text">As the vocabulary writes it; null where the tokenizer has no such id, or is none.</param>
public sealed record SpecialToken(int Id, string? Text);
