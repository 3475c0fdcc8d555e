namespace ProxyReward.Responses;

/// <summary>How tokens are drawn. A warper whose value says "off" does nothing.</summary>
/// <param name="Temperature">Logits are divided by it; 0 takes the likeliest token.</param>
/// <param name="TopP">Keeps the likeliest tokens up to this mass; 1 is off.</param>
/// <param name="TopK">Keeps this many tokens; 0 is off.</param>
/// <param name="MinP">Drops tokens below this share of the likeliest one; 0 is off.</param>
/// <param name="MaxNewTokens">A response that has not ended by then is truncated.</param>
public sealed record SamplingOptions(double Temperature, double TopP, int TopK, double MinP, int MaxNewTokens);
