namespace ProxyReward.Models.Distributed;

/// <summary>The processes that mpirun or srun started, joined by MPI's world communicator.</summary>
internal sealed class MpiRanks : Ranks
{
    private readonly MpiLibrary mpi;

    private MpiRanks(MpiLibrary mpi) => (this.mpi, Rank, Count) = (mpi, mpi.Rank(), mpi.Size());

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <summary>Starts MPI.</summary>
    /// <param name="processes">How many the launcher says there are.</param>
    /// <param name="openMpi">Whether the launcher is Open MPI's.</param>
    public static MpiRanks Join(int processes, bool openMpi)
    {
        var library = MpiLibrary.Load(openMpi);
        library.Initialize();
        var ranks = new MpiRanks(library);
        return ranks.Count == processes ? ranks : throw new RequestException(
            $"the launcher started {processes} processes, and {library.Name} knows of {ranks.Count}: it belongs to another MPI than the launcher. Start with the mpirun of that library (srun: --mpi=pmix or --mpi=pmi2).");
    }

    /// <inheritdoc/>
    public override unsafe void Sum(Span<float> values)
    {
        fixed (float* start = values)
        {
            mpi.SumFloats((nint)start, values.Length);
        }
    }

    /// <inheritdoc/>
    public override unsafe void Sum(Span<double> values)
    {
        fixed (double* start = values)
        {
            mpi.SumDoubles((nint)start, values.Length);
        }
    }

    /// <inheritdoc/>
    public override void Leave(int exitCode)
    {
        if (exitCode == 0)
        {
            mpi.Finish();
        }
        else
        {
            mpi.Abort(exitCode);
        }
    }
}
