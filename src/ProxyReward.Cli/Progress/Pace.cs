using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Progress;

/// <summary>How far a stage is, how fast it goes, when it will be done, and in training what memory it takes. Not thread-safe.</summary>
/// <param name="memory">What this process holds, in bytes.</param>
internal sealed class Pace(TimeProvider time, Func<long> memory, Arm arm, Stage stage, string unit, int before, int total)
{
    private readonly long start = time.GetTimestamp();
    private int added;
    private long tokens;

    public string Title { get; } = $"{arm.Name}: {RecipeFile.Spell(stage)}";

    private int Done => before + added;

    public TimeSpan Elapsed => time.GetElapsedTime(start);

    public void Advance(int items, long newTokens)
    {
        added += items;
        tokens += newTokens;
    }

    /// <summary>For example "128 of 384 responses, 3,200 tokens/s, 12 s left".</summary>
    public override string ToString() => $"{Done} of {total} {unit}{Rate(Elapsed)}{Left()}{Memory()}";

    /// <summary>The same when it is over.</summary>
    public string Summary(TimeSpan took) => $"{Done} of {total} {unit} in {took.TotalSeconds:F1} s{Rate(took)}";

    private string Rate(TimeSpan took) => tokens == 0 || took <= TimeSpan.Zero ? "" : $", {tokens / took.TotalSeconds:N0} tokens/s";

    private string Left() => added == 0 ? "" : $", {Elapsed.TotalSeconds * (total - Done) / added:F0} s left";

    // Who trains watches memory; elsewhere the number would only be noise.
    private string Memory() => stage == Stage.Train ? $", {memory() / 1e9:F1} GB" : "";
}
