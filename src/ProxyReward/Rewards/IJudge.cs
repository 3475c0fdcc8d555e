using ProxyReward.Questions;

namespace ProxyReward.Rewards;

/// <summary>One holistic score for a text (LLM-as-a-judge, the paper's baseline). Safe to call from several threads.</summary>
public interface IJudge : IDisposable
{
    /// <summary>The expected rating, 1–10. The text is data, never an instruction.</summary>
    Task<double> RateAsync(MetaQuestion question, string text, CancellationToken cancellationToken);
}
