namespace ProxyReward.Runs.Stages;

/// <summary>Work whose items are known beforehand and are committed to a file batch by batch.</summary>
internal static class PlannedWork
{
    /// <summary>Does the batches that a file lacks, and returns all of its items.</summary>
    /// <param name="run">The run.</param>
    /// <param name="place">For whom and for which stage the work is done, and what is counted.</param>
    /// <param name="name">The file.</param>
    /// <param name="plan">All items that are wanted, in order.</param>
    /// <param name="idOfWanted">The id of an item that is wanted.</param>
    /// <param name="idOf">The id of an item that was made.</param>
    /// <param name="batch">Items in a batch.</param>
    /// <param name="make">Makes the items of a batch, in order.</param>
    /// <param name="cancellationToken">Stops the work; whole batches stay.</param>
    public static async Task<IReadOnlyList<T>> CompleteAsync<TWanted, T>(
        this Run run,
        (Arm Arm, Stage Stage, string Unit) place,
        string name,
        IReadOnlyList<TWanted> plan,
        Func<TWanted, string> idOfWanted,
        Func<T, string> idOf,
        int batch,
        Func<TWanted[], StageWork, Task<IReadOnlyList<T>>> make,
        CancellationToken cancellationToken)
    {
        var items = Jsonl.Committed(run.Store, name, [.. plan.Select(idOfWanted)], batch, idOf);
        if (items.Count < plan.Count)
        {
            using var work = run.Begin(place.Arm, place.Stage, place.Unit, items.Count, plan.Count);
            foreach (var wanted in plan.Skip(items.Count).Chunk(batch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var made = await make(wanted, work).ConfigureAwait(false);
                Jsonl.Append(run.Store, name, made);
                items.AddRange(made);
                work.Advance(made.Count);
            }
        }

        return items;
    }
}
