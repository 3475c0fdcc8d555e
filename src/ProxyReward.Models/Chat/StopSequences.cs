using System.Text;

namespace ProxyReward.Models.Chat;

/// <summary>
/// Ends a text before the first of several sequences, wherever the pieces of the text are cut. Holds back what may be the beginning of a
/// sequence, and nothing else. One text, one user.
/// </summary>
/// <param name="sequences">None of them empty.</param>
internal sealed class StopSequences(IReadOnlyList<string> sequences)
{
    private readonly StringBuilder held = new();

    /// <summary>Whether a sequence has come; nothing is given out after it.</summary>
    public bool Met { get; private set; }

    /// <summary>The next piece.</summary>
    /// <returns>What is certain to stand before any sequence.</returns>
    public string Push(string piece)
    {
        if (Met)
        {
            return "";
        }

        var text = held.Append(piece).ToString();
        var found = sequences.Select(sequence => text.IndexOf(sequence, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        Met = found >= 0;
        var free = Met ? found : text.Length - LongestBeginning(text);
        held.Clear().Append(Met ? "" : text[free..]);
        return text[..free];
    }

    /// <summary>What was held back, when the text has come to its end.</summary>
    public string Flush()
    {
        var rest = Met ? "" : held.ToString();
        held.Clear();
        return rest;
    }

    // How much of the end of the text a sequence could begin with.
    private int LongestBeginning(string text)
    {
        for (var length = Math.Min(text.Length, sequences.Select(sequence => sequence.Length - 1).DefaultIfEmpty(0).Max()); length > 0; length--)
        {
            var end = text[^length..];
            if (sequences.Any(sequence => sequence.Length > length && sequence.StartsWith(end, StringComparison.Ordinal)))
            {
                return length;
            }
        }

        return 0;
    }
}
