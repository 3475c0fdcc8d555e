namespace ProxyReward.Models.Distributed;

/// <summary>
/// The processes that do one training together. Every one of them calls the same methods in the same order; one thread at a time.
/// </summary>
public abstract class Ranks
{
    /// <summary>One process alone.</summary>
    public static Ranks Single { get; } = new SingleProcess();

    /// <summary>Which of them this process is, from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>How many they are.</summary>
    public abstract int Count { get; }

    /// <summary>The one that writes files and is listened to.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Replaces values with their sum over the processes.</summary>
    public abstract void Sum(Span<float> values);

    /// <inheritdoc cref="Sum(Span{float})"/>
    public abstract void Sum(Span<double> values);

    /// <summary>The end of this process's part: with code 0 it waits for the others, with another one it ends them.</summary>
    public abstract void Leave(int exitCode);

    /// <summary>Whether a part of work is this process's: they take turns.</summary>
    public bool Takes(int part) => part % Count == Rank;

    /// <summary>The value of every process, in order. Exact: the others add 0.</summary>
    public double[] Gather(double mine)
    {
        var all = new double[Count];
        all[Rank] = mine;
        Sum(all);
        return all;
    }

    /// <summary>What the first process says, whatever the others would.</summary>
    public bool FirstSays(bool mine) => Gather(mine ? 1 : 0)[0] > 0;

    /// <summary>Stops every process where the first one was interrupted.</summary>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public void StopIfInterrupted(CancellationToken cancellationToken)
    {
        if (FirstSays(cancellationToken.IsCancellationRequested))
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Goes on when every process is here.</summary>
    public void Meet() => Gather(0);

    private sealed class SingleProcess : Ranks
    {
        public override int Rank => 0;

        public override int Count => 1;

        public override void Sum(Span<float> values)
        {
        }

        public override void Sum(Span<double> values)
        {
        }

        public override void Leave(int exitCode)
        {
        }
    }
}
