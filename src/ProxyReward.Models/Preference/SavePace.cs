namespace ProxyReward.Models.Preference;

/// <summary>When a training keeps its state: at an interval, but rarer where keeping it would take more than a twentieth of the time.</summary>
/// <param name="every">The interval; zero: after each step, whatever that takes.</param>
/// <param name="time">The clock.</param>
internal sealed class SavePace(TimeSpan every, TimeProvider time)
{
    private const int Share = 20;
    private long last = time.GetTimestamp();
    private TimeSpan took;

    /// <summary>Whether the state is to be kept now.</summary>
    public bool IsDue => every == TimeSpan.Zero || (time.GetElapsedTime(last) is var since && since >= every && since >= (Share - 1) * took);

    /// <summary>Keeps the state, and learns what that takes.</summary>
    public void Save(Action save)
    {
        var start = time.GetTimestamp();
        save();
        last = time.GetTimestamp();
        took = time.GetElapsedTime(start, last);
    }
}
