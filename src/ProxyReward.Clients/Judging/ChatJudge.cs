using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Reading;
using ProxyReward.Questions;
using ProxyReward.Rewards;

namespace ProxyReward.Clients.Judging;

/// <summary>
/// A chat model as judge (LLM-as-a-judge, the paper's baseline): the mean of its ratings by several rubrics. A rating is a whole number from 1
/// to 10; a reply without one is asked for again, and when no attempt is left the text gets a 1, or a text that confuses the judge would
/// pay. Thread-safe.
/// </summary>
/// <param name="asker">The model.</param>
/// <param name="rubrics">Names of prompt files.</param>
public sealed class ChatJudge(Asker asker, IReadOnlyList<string> rubrics) : IJudge
{
    /// <summary>The stage under which the ledger books it.</summary>
    public const string Stage = "judge";

    private const int Lowest = 1;
    private const int Highest = 10;

    /// <summary>What fills the gaps of a rubric.</summary>
    public static IReadOnlyDictionary<string, string> Values(MetaQuestion question, string text)
    {
        var shown = new UntrustedText(text);
        return new Dictionary<string, string> { ["question"] = question.Text, ["mark"] = shown.Mark, ["text"] = shown.Text };
    }

    /// <inheritdoc/>
    public async Task<double> RateAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        var values = Values(question, text);
        var ratings = await Task.WhenAll(rubrics.Select(rubric => RateAsync(rubric, values, cancellationToken)));
        return ratings.Average();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The model belongs to whoever opened it.
    }

    private async Task<int> RateAsync(string rubric, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        try
        {
            return (await asker.AskAsync<JudgeReply>(Stage, rubric, values, Check, cancellationToken)).Score;
        }
        catch (ReplyException)
        {
            return Lowest;
        }
    }

    private static void Check(JudgeReply reply)
    {
        if (reply.Score is < Lowest or > Highest)
        {
            throw new ReplyException($"a score is a whole number from {Lowest} to {Highest}, not {reply.Score}");
        }
    }
}

/// <summary>The form of a reply to a rubric; the reason comes first, so that the score may follow from it.</summary>
internal sealed record JudgeReply(string? Reason, int Score);
