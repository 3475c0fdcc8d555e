namespace ProxyReward.Evaluation;

/// <summary>A mean over questions with its 95 % interval.</summary>
/// <param name="Mean">Mean over questions.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="N">Number of questions.</param>
public sealed record Estimate(double Mean, double Low, double High, int N);
