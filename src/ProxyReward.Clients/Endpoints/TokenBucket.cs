namespace ProxyReward.Clients.Endpoints;

/// <summary>
/// A bucket that fills at a steady rate and starts with a sixtieth of a minute's worth, so that nothing bursts. It may be overdrawn:
/// whoever takes more than there is waits until the debt is paid, in the order of arrival. Thread-safe.
/// </summary>
internal sealed class TokenBucket(int perMinute, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly double perSecond = perMinute / 60.0;
    private readonly double capacity = Math.Max(1, perMinute / 60.0);
    private double available = Math.Max(1, perMinute / 60.0);
    private long filled = time.GetTimestamp();

    /// <summary>Takes from the bucket; the result is how long to wait before using what was taken.</summary>
    public TimeSpan Take(double amount)
    {
        lock (gate)
        {
            Fill();
            available -= amount;
            return available >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-available / perSecond);
        }
    }

    /// <summary>Gives back what was not used; a negative amount takes more.</summary>
    public void Return(double amount)
    {
        lock (gate)
        {
            Fill();
            available = Math.Min(capacity, available + amount);
        }
    }

    private void Fill()
    {
        var now = time.GetTimestamp();
        available = Math.Min(capacity, available + (time.GetElapsedTime(filled, now).TotalSeconds * perSecond));
        filled = now;
    }
}
