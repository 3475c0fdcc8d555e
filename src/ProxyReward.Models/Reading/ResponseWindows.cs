using ProxyReward.Models.Tokenization;
using ProxyReward.Verdicts;

namespace ProxyReward.Models.Reading;

/// <summary>
/// The windows of a response (<see cref="TextWindows"/>) with their tokens; equal ones once, so that a text that repeats itself costs no more than it
/// says. Special tokens in it are read as text. Not thread-safe.
/// </summary>
/// <param name="text">The response.</param>
/// <param name="tokenizer">The reader's.</param>
/// <param name="overlap">Tokens that a window shares with the one before at most, and never more than half of it.</param>
internal sealed class ResponseWindows(string text, Tokenizer tokenizer, int overlap)
{
    private readonly Dictionary<int, IReadOnlyList<ResponseWindow>> byRoom = [];

    /// <summary>The windows in order; none of a response without a word.</summary>
    /// <param name="room">Tokens that a window may have.</param>
    public IReadOnlyList<ResponseWindow> Of(int room)
    {
        if (!byRoom.TryGetValue(room, out var windows))
        {
            var texts = text.Any(char.IsLetterOrDigit) ? TextWindows.Of(text, room, Math.Min(overlap, room / 2), part => Tokens(part).Count) : [];
            byRoom[room] = windows = [.. texts.Distinct(StringComparer.Ordinal).Select(part => new ResponseWindow(part, Tokens(part)))];
        }

        return windows;
    }

    private List<int> Tokens(string part) => tokenizer.Encode(part, specialTokensAsText: true);
}

/// <summary>A part of a response that is read at once.</summary>
/// <param name="Text">As it stands in the response.</param>
/// <param name="Tokens">Its tokens.</param>
internal sealed record ResponseWindow(string Text, IReadOnlyList<int> Tokens);
