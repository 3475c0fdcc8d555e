namespace ProxyReward.Runs;

/// <summary>
/// seconds.jsonl: how long each stage took, one line for each time a process worked on it. Kept apart from everything else, because
/// times are what two runs of one recipe do not share.
/// </summary>
internal static class StageSeconds
{
    private const string Name = "seconds.jsonl";

    /// <summary>Cuts what a kill left half written.</summary>
    public static void Resume(IRunStore store) => Jsonl.Resume<Line>(store, Name);

    public static void Add(IRunStore store, Arm arm, Stage stage, TimeSpan took) =>
        Jsonl.Append(store, Name, [new Line(arm.Folder, stage, Math.Round(took.TotalSeconds, 3))]);

    /// <summary>Seconds by stage; scoring counts as pairing.</summary>
    public static IReadOnlyDictionary<string, double> Of(IRunStore store, Arm arm)
    {
        var lines = Jsonl.Read<Line>(store, Name).Where(line => line.Arm == arm.Folder).ToList();
        var sums = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, stages) in new (string, Stage[])[]
        {
            ("respond", [Stage.Respond]),
            ("read", [Stage.Read]),
            ("pair", [Stage.Score, Stage.Pair]),
            ("train", [Stage.Train]),
            ("evaluate", [Stage.Evaluate]),
        })
        {
            sums[name] = Math.Round(lines.Where(line => stages.Contains(line.Stage)).Sum(line => line.Seconds), 3);
        }

        return sums;
    }

    private sealed record Line(string Arm, Stage Stage, double Seconds);
}
