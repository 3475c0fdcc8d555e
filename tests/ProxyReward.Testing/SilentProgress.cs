using ProxyReward.Runs;

namespace ProxyReward.Testing;

/// <summary>Listens and says nothing.</summary>
public sealed class SilentProgress : IRunProgress
{
    /// <inheritdoc/>
    public void Begin(Arm arm, Stage stage, string unit, int done, int total)
    {
        // Nobody watches a test.
    }

    /// <inheritdoc/>
    public void Advance(int items, long tokens)
    {
        // Nobody watches a test.
    }

    /// <inheritdoc/>
    public void End(TimeSpan took)
    {
        // Nobody watches a test.
    }

    /// <inheritdoc/>
    public void Note(string text)
    {
        // Nobody watches a test.
    }
}
