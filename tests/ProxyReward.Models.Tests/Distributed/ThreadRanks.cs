using System.Numerics.Tensors;
using ProxyReward.Models.Distributed;

namespace ProxyReward.Models.Tests.Distributed;

/// <summary>Threads in place of processes.</summary>
internal sealed class ThreadRanks : Ranks
{
    private readonly World world;

    private ThreadRanks(World world, int rank) => (this.world, Rank) = (world, rank);

    public override int Rank { get; }

    public override int Count => world.Barrier.ParticipantCount;

    /// <summary>Runs the same work on each of so many threads.</summary>
    public static T[] Run<T>(int count, Func<Ranks, T> work)
    {
        using var shared = new World(count);
        var results = new T[count];
        var failures = new Exception?[count];
        var threads = Enumerable.Range(0, count).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new ThreadRanks(shared, rank));
            }
            catch (Exception error)
            {
                failures[rank] = error;
                shared.Barrier.RemoveParticipant();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failures.OfType<Exception>().FirstOrDefault() is { } failure ? throw new InvalidOperationException(failure.Message, failure) : results;
    }

    public override void Sum(Span<float> values) => Sum(values, world.Floats);

    public override void Sum(Span<double> values) => Sum(values, world.Doubles);

    public override void Leave(int exitCode)
    {
    }

    private void Sum<T>(Span<T> values, T[][] given)
        where T : System.Numerics.INumber<T>
    {
        given[Rank] = values.ToArray();
        world.Barrier.SignalAndWait();
        values.Clear();
        foreach (var part in given)
        {
            TensorPrimitives.Add(values, part, values);
        }

        world.Barrier.SignalAndWait();
    }

    private sealed class World(int count) : IDisposable
    {
        public Barrier Barrier { get; } = new(count);

        public float[][] Floats { get; } = new float[count][];

        public double[][] Doubles { get; } = new double[count][];

        public void Dispose() => Barrier.Dispose();
    }
}
