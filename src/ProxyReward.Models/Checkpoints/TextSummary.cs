using ProxyReward.Models.ChatTemplates;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Checkpoints;

/// <summary>How a language model reads and writes text, for people: its tokenizer and its chat template, each tried.</summary>
public sealed record TextSummary
{
    private static readonly ChatTurn[] Question = [new("user", "Is this a question?")];

    /// <summary>Null where there is none that can be used.</summary>
    public TokenizerSummary? Tokenizer { get; private init; }

    /// <summary>Why there is none.</summary>
    public string? NoTokenizer { get; private init; }

    /// <summary>The token that begins a text, for those models that have one; null: the configuration names none.</summary>
    public SpecialToken? Bos { get; private init; }

    /// <summary>What ends a text that is trained on; null: there is none.</summary>
    public SpecialToken? Eos { get; private init; }

    /// <summary>What a response ends with when the model writes it.</summary>
    public required IReadOnlyList<SpecialToken> Stops { get; init; }

    /// <summary>What fills a batch up, in other programs; null: none is named.</summary>
    public SpecialToken? Pad { get; private init; }

    /// <summary>Characters of the chat template; null where there is none.</summary>
    public int? ChatTemplate { get; private init; }

    /// <summary>Why the model cannot be asked: there is no template, or it fails on a user's turn; null where it can.</summary>
    public string? NoChat { get; private init; }

    internal static TextSummary Of(Checkpoint checkpoint)
    {
        var config = checkpoint.Config;
        var (tokenizer, noTokenizer) = Refusal.Of(() => LocalModel.TokenizerOf(checkpoint) is var loaded && Fits(loaded, config.VocabSize)
            ? loaded
            : throw new RequestException($"{checkpoint.Path}: its tokenizer has {loaded.VocabSize} ids, the model only {config.VocabSize}; the two are not of one checkpoint."));
        SpecialToken? Token(int? id) => id is { } known ? new SpecialToken(known, tokenizer?.IdToToken(known)) : null;

        var (template, noChat) = Refusal.Of(() => checkpoint.ChatTemplate);
        noChat ??= template is null ? "there is no chat template"
            : tokenizer is null ? "its chat template was not tried without a tokenizer"
            : Refusal.Of(() => PromptTokens.Of(tokenizer, turns => LocalModel.TemplateOf(checkpoint)!.Render(turns, addGenerationPrompt: true), Question)).Why;
        return new TextSummary
        {
            Tokenizer = tokenizer is null ? null : TokenizerSummary.Of(tokenizer),
            NoTokenizer = noTokenizer,
            Bos = Token(config.BosTokenId),
            Eos = tokenizer is null ? null : Token(Refusal.Of(() => checkpoint.EndTokenOf(tokenizer)).Value),
            Stops = [.. config.EosTokenIds.Select(id => Token(id)!)],
            Pad = Token(config.PadTokenId),
            ChatTemplate = template?.Length,
            NoChat = noChat,
        };
    }
    // Gemma 3 adds a token for images, beyond the rows of the models that read text alone; a text that holds one is refused when it is read.
    private static bool Fits(Tokenizer tokenizer, int rows) => tokenizer.VocabSize - rows <= tokenizer.AddedTokens.Count(token => token.Id >= rows);
}
