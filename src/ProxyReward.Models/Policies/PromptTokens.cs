using ProxyReward.Models.ChatTemplates;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Policies;

/// <summary>
/// Tokenizes a rendered chat so that a special token that a user or a policy wrote stays text. Where a text spells one, a stand-in takes the
/// place of its first character until the special tokens of the template have been cut out. The template sees all the rest as it is, and as long as
/// it is; tokens that are added and not special (Qwen's <c>&lt;think&gt;</c>) are tokens in a text too, as in transformers.
/// </summary>
internal static class PromptTokens
{
    public static IReadOnlyList<int> Of(Tokenizer tokenizer, Func<IReadOnlyList<ChatTurn>, string> render, IReadOnlyList<ChatTurn> turns)
    {
        var standIns = StandIns.For(tokenizer, [.. turns.SelectMany(turn => new[] { turn.Role, turn.Content })]);
        return tokenizer.Encode(render([.. turns.Select(turn => new ChatTurn(standIns.Hide(turn.Role), standIns.Hide(turn.Content)))]), standIns.Reveal);
    }
}
