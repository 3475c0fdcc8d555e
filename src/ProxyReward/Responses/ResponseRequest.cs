using ProxyReward.Questions;

namespace ProxyReward.Responses;

/// <summary>
/// Asks for one response. Its random numbers are the stream <c>Draws.Of(Seed, Purpose, Question.Id, Index)</c>, whose n-th number
/// draws the n-th token, so that they do not depend on batch, shard or order.
/// </summary>
/// <param name="Question">What is answered.</param>
/// <param name="Index">0 … k−1 within the question.</param>
/// <param name="Seed">The recipe's seed.</param>
/// <param name="Purpose">What the response is for, for example <c>respond-1</c> or <c>evaluate</c>.</param>
public sealed record ResponseRequest(MetaQuestion Question, int Index, long Seed, string Purpose)
{
    /// <summary>The id of the response that is asked for.</summary>
    public string ResponseId => Response.IdOf(Question.Id, Index);

    /// <summary>Opens the stream of the response's random numbers at its start.</summary>
    public Draws Draws() => ProxyReward.Draws.Of(Seed, Purpose, Question.Id, Index);
}
