using System.Text.Json;

namespace ProxyReward.Runs;

/// <summary>
/// Reads and grows the JSONL files of a run. A file grows by whole batches of a fixed plan. What a kill leaves behind it (a torn last
/// line, part of a batch) is cut and done again; what a kill cannot leave behind is an error that names the line.
/// </summary>
public static class Jsonl
{
    /// <summary>All items of a file; none where it is absent. A torn last line is left out.</summary>
    /// <exception cref="RequestException">A line is damaged.</exception>
    public static List<T> Read<T>(IRunStore store, string name) => [.. Lines<T>(store, name).Select(line => line.Item)];

    /// <summary>All items of a file, whose torn last line is cut so that it can be added to.</summary>
    /// <exception cref="RequestException">A line is damaged.</exception>
    public static List<T> Resume<T>(IRunStore store, string name)
    {
        var lines = Lines<T>(store, name);
        CutAfter(store, name, lines, lines.Count);
        return [.. lines.Select(line => line.Item)];
    }

    /// <summary>Adds items at the end in one piece.</summary>
    public static void Append<T>(IRunStore store, string name, IEnumerable<T> items) => store.Append(name, Bytes(items));

    /// <summary>Writes a file whole, unless it says the same already.</summary>
    public static void Write<T>(IRunStore store, string name, IEnumerable<T> items)
    {
        var bytes = Bytes(items);
        if (!store.Exists(name) || !store.Read(name).AsSpan().SequenceEqual(bytes))
        {
            store.Write(name, bytes);
        }
    }

    /// <summary>
    /// The items of the whole batches that were committed; cuts what comes after them.
    /// </summary>
    /// <param name="store">The run.</param>
    /// <param name="name">The file.</param>
    /// <param name="plan">The ids of all items, in order.</param>
    /// <param name="batch">Items in a batch; the last batch may be shorter.</param>
    /// <param name="idOf">An item's id.</param>
    /// <exception cref="RequestException">A line is damaged, or is not the one that the plan has there.</exception>
    public static List<T> Committed<T>(IRunStore store, string name, IReadOnlyList<string> plan, int batch, Func<T, string> idOf)
    {
        var lines = Lines<T>(store, name);
        for (var i = 0; i < lines.Count; i++)
        {
            if (i >= plan.Count || idOf(lines[i].Item) != plan[i])
            {
                throw Damaged(store, name, i + 1, i >= plan.Count ? "is one more than the plan has" : $"is not '{plan[i]}', which the plan has there");
            }
        }

        var whole = lines.Count == plan.Count ? plan.Count : lines.Count - (lines.Count % batch);
        CutAfter(store, name, lines, whole);
        return [.. lines.Take(whole).Select(line => line.Item)];
    }

    private static void CutAfter<T>(IRunStore store, string name, List<(T Item, int End)> lines, int count)
    {
        var end = count == 0 ? 0 : lines[count - 1].End;
        if (store.Read(name).Length != end)
        {
            store.Cut(name, end);
        }
    }

    private static List<(T Item, int End)> Lines<T>(IRunStore store, string name)
    {
        var bytes = store.Read(name);
        var lines = new List<(T, int)>();
        for (int start = 0, length; (length = bytes.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += length + 1)
        {
            try
            {
                lines.Add((JsonSerializer.Deserialize<T>(bytes.AsSpan(start, length), Json.Line) ?? throw new JsonException("null"), start + length + 1));
            }
            catch (JsonException e)
            {
                throw Damaged(store, name, lines.Count + 1, $"is damaged ({Json.Fault(e)})");
            }
        }

        return lines;
    }

    internal static byte[] Bytes<T>(IEnumerable<T> items)
    {
        using var bytes = new MemoryStream();
        foreach (var item in items)
        {
            JsonSerializer.Serialize(bytes, item, Json.Line);
            bytes.WriteByte((byte)'\n');
        }

        return bytes.ToArray();
    }

    private static RequestException Damaged(IRunStore store, string name, int line, string what) =>
        new($"{store.PathOf(name)}:{line}: this line {what}. Delete the file from that line on and run again: only what is missing is done again.");
}
