namespace ProxyReward.Training;

/// <summary>The scores of the dev pairs as a training goes on: which is the best, and whether it is time to stop.</summary>
public sealed class DevCourse(DevOptions options)
{
    private int sinceBest;

    /// <summary>The score with the lowest loss, the earliest of equals; null before the first.</summary>
    public DevScore? Best { get; private set; }

    /// <summary>The newest score; null before the first.</summary>
    public DevScore? Last { get; private set; }

    /// <summary>Whether as many scorings as <see cref="DevOptions.Patience"/> brought no new lowest loss.</summary>
    public bool IsOver => options.Patience > 0 && sinceBest >= options.Patience;

    /// <summary>Takes the next score.</summary>
    /// <returns>Whether it is the best so far.</returns>
    public bool Add(DevScore score)
    {
        Last = score;
        var isBest = Best is null || score.Loss < Best.Loss;
        (Best, sinceBest) = isBest ? (score, 0) : (Best, sinceBest + 1);
        return isBest;
    }
}
