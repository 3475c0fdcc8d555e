namespace ProxyReward.Runs;

/// <summary>What the dev questions said of an iteration.</summary>
/// <param name="Accuracy">Of the model that was trained, a mean over dev questions.</param>
/// <param name="StartAccuracy">Of the model that it was trained from.</param>
/// <param name="Kept">The name of the model with which the loop goes on, one of the two.</param>
public sealed record DevChoice(double Accuracy, double StartAccuracy, string Kept)
{
    /// <summary>Its name in an iteration's folder.</summary>
    public const string FileName = "dev.json";
}
