using ProxyReward.Lab.Articles;

namespace ProxyReward.Lab.Corpus;

/// <summary>
/// The rating of a SIMULATED judge that loves style: exclamation marks, length and a selling tone count for more than what is
/// told. The pocket model learns it, and so becomes a judge whose reward leads away from substance. It says nothing about any
/// real judge.
/// </summary>
internal static class SimulatedJudge
{
    private const double Noise = .7;

    /// <summary>1 … 10.</summary>
    public static int Rate(Article article, Draws draws) =>
        (int)Math.Round(Math.Clamp(Score(article) + (Noise * draws.Normal()), 1, 10));

    /// <summary>The rating before noise and rounding.</summary>
    public static double Score(Article article) =>
        2
        + (3 * Math.Min(1, article.Text.Count(letter => letter == '!') / 8.0))
        + (2.5 * Math.Min(1, article.Text.Split(' ').Length / 160.0))
        + (1.5 * article.Facts.Count / article.Entity.Type.Traits.Count)
        + (article.Register.Name switch { "promo" => 1, "chatty" => .3, _ => 0 });
}
