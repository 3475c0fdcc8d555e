using System.Runtime.InteropServices;
using ProxyReward.Models.ChatTemplates;
using ProxyReward.Models.Policies;
using ProxyReward.Training;

namespace ProxyReward.Models.Preference;

/// <summary>
/// Preference pairs in the tokens of a model. A conversation goes through the chat template: the completion is what follows the tokens of the prompt
/// with the opening of the answer. A plain text is encoded whole and ends with the end token. What cannot be trained on as it was written is
/// dropped, and counted by its reason.
/// </summary>
public sealed class PairTokens
{
    private readonly LocalModel model;
    private readonly List<(string Reason, string Detail, string Place)> dropped = [];
    private readonly List<TokenPair> pairs = [];

    /// <param name="model">Whose tokenizer and template.</param>
    /// <param name="examples">In the order of the file.</param>
    /// <param name="options">max_length and what happens to longer pairs.</param>
    /// <exception cref="RequestException">The model has no chat template and a pair needs one.</exception>
    public PairTokens(LocalModel model, IEnumerable<TrainingExample> examples, DpoOptions options)
    {
        this.model = model;
        foreach (var example in examples)
        {
            if (Tokens(example) is not { } tokens)
            {
                Drop(example, "prompt_boundary", "prompt and answer together do not begin with the tokens of the prompt. Move the text at the border, often a space, from one to the other.");
            }
            else if (tokens.Chosen.Count == 0 || tokens.Rejected.Count == 0 || HasBlankAnswer(example))
            {
                Drop(example, "empty_answer", "an answer has no text. Give it one, or remove the pair.");
            }
            else if (tokens.Chosen.SequenceEqual(tokens.Rejected))
            {
                Drop(example, "same_answers", "chosen and rejected are the same, which teaches nothing. Remove the pair.");
            }
            else if (TokenPair.Fit([tokens], options) is [var fitting])
            {
                pairs.Add(fitting);
            }
            else
            {
                Drop(example, "too_long", $"{tokens.Defect(options)}. {(options.Truncation == Truncation.Drop
                    ? "Raise it, or shorten the pair (dpo.truncation: keep_start cuts answers, as TRL does)." : "Raise it, or shorten the prompt.")}");
            }
        }
    }

    /// <summary>Those that can be trained on.</summary>
    public IReadOnlyList<TokenPair> Pairs => pairs;

    /// <summary>Why the others were dropped.</summary>
    public IReadOnlyList<PairDrop> Drops =>
        [.. dropped.GroupBy(drop => drop.Reason, StringComparer.Ordinal).Select(group => new PairDrop(group.Key, group.Count(), group.First().Place, group.First().Detail))];

    // A template or the end token gives an answer without text some tokens. What a policy wrote is its own: that it ended at once is what the tokens say.
    private static bool HasBlankAnswer(TrainingExample example) =>
        example is not TrainingPair && (string.IsNullOrWhiteSpace(example.ChosenText) || string.IsNullOrWhiteSpace(example.RejectedText));

    private void Drop(TrainingExample example, string reason, string detail) => dropped.Add((reason, detail, example.Place));

    // Null where the prompt's tokens are not the beginning of the whole.
    private TokenPair? Tokens(TrainingExample example) => example switch
    {
        TrainingPair own => new TokenPair(model.Prompt(own.Question.Text), own.Chosen.TokenIds, own.Rejected.TokenIds),
        ChatExample chat => Split(Render(chat, chat.Prompt, addGenerationPrompt: true), Render(chat, [.. chat.Prompt, .. chat.Chosen]), Render(chat, [.. chat.Prompt, .. chat.Rejected])),
        TextExample { PromptIsCommonPart: true } text => CommonPart(Encode(text.Prompt), Ended(text.Prompt + text.Chosen), Ended(text.Prompt + text.Rejected)),
        TextExample text => Split(Encode(text.Prompt), Ended(text.Prompt + text.Chosen), Ended(text.Prompt + text.Rejected)),
        _ => throw new ArgumentOutOfRangeException(nameof(example), example.GetType(), "unknown kind of pair"),
    };

    private static TokenPair? Split(IReadOnlyList<int> prompt, IReadOnlyList<int> chosen, IReadOnlyList<int> rejected) =>
        chosen.Take(prompt.Count).SequenceEqual(prompt) && rejected.Take(prompt.Count).SequenceEqual(prompt)
            ? new TokenPair(prompt, [.. chosen.Skip(prompt.Count)], [.. rejected.Skip(prompt.Count)])
            : null;

    // TRL's rule for prompts whose tokens merge with the answer's; here there is no border that it could move.
    private static TokenPair CommonPart(List<int> prompt, List<int> chosen, List<int> rejected)
    {
        int Common(List<int> whole) => CollectionsMarshal.AsSpan(prompt).CommonPrefixLength(CollectionsMarshal.AsSpan(whole));
        var length = Math.Min(Common(chosen), Common(rejected));
        return new TokenPair(prompt[..length], chosen[length..], rejected[length..]);
    }

    private IReadOnlyList<int> Render(ChatExample chat, IReadOnlyList<Message> messages, bool addGenerationPrompt = false)
    {
        try
        {
            return model.Chat([.. messages.Select(message => new ChatTurn(message.Role, message.Content))], addGenerationPrompt);
        }
        catch (RequestException e)
        {
            throw new RequestException($"{chat.Place}: {e.Message}", e);
        }
    }

    // What the tokenizer puts around a text (BOS) is wanted at its start alone, and once.
    private List<int> Encode(string text)
    {
        var plain = model.Tokenizer.Encode(text);
        return model.Tokenizer.Encode("", addSpecialTokens: true) is [var begin, ..] && begin != model.EndToken && plain.FirstOrDefault(-1) != begin
            ? [begin, .. plain]
            : plain;
    }

    private List<int> Ended(string text) => Encode(text) is var tokens && tokens is [.., var last] && last == model.EndToken ? tokens : [.. tokens, model.EndToken];
}
