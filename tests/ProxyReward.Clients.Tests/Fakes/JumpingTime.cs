using System.Collections.Concurrent;

namespace ProxyReward.Clients.Tests.Fakes;

/// <summary>
/// A clock on which a wait takes no time: it jumps to the end of whatever is waited for, and notes it. Waits of a day and more are
/// timeouts that never come.
/// </summary>
public sealed class JumpingTime : TimeProvider
{
    public static readonly TimeSpan Never = TimeSpan.FromDays(1);
    private long ticks = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;

    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= Never || dueTime < TimeSpan.Zero)
        {
            return new Timer(_ => { }, null, Timeout.Infinite, Timeout.Infinite);
        }

        Waits.Enqueue(dueTime);
        Advance(dueTime);
        return new Timer(new System.Threading.TimerCallback(callback), state, 0, Timeout.Infinite);
    }

    private sealed class Timer(System.Threading.TimerCallback callback, object? state, int due, int period) : ITimer
    {
        private readonly System.Threading.Timer timer = new(callback, state, due, period);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
