using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ProxyReward.Questions;

/// <summary>
/// One of n processes that share a plan (a Slurm array, a Kubernetes Indexed Job): it takes every n-th batch of the plan. Which one is a
/// function of the plan alone, so a shard can run anywhere, and again.
/// </summary>
/// <param name="Index">1 … <paramref name="Count"/>.</param>
/// <param name="Count">How many share the plan.</param>
public sealed record Shard(int Index, int Count)
{
    /// <summary>The whole plan.</summary>
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Reads "2/8".</summary>
    /// <exception cref="RequestException">It is not of that form, or the index is not within the count.</exception>
    public static Shard Parse(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index >= 1 && index <= count
                ? new Shard(index, count)
                : throw new RequestException($"--shard: '{text}' is no shard; write i/n with i from 1 to n, such as 2/8.");
    }

    /// <summary>The part of a plan that this shard does, in the plan's order.</summary>
    /// <param name="plan">The whole plan.</param>
    /// <param name="batch">Items that must be done together; 1 where each stands alone.</param>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> plan, int batch = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        return [.. plan.Where((_, i) => i / batch % Count == Index - 1)];
    }

    /// <summary>The name of this shard's own output, beside the whole one: "set.jsonl" becomes "set.2-of-8.jsonl".</summary>
    public string PathOf(string output) =>
        Count == 1 ? output : Path.ChangeExtension(output, $".{Index}-of-{Count}{Path.GetExtension(output)}");

    /// <inheritdoc/>
    public override string ToString() => $"{Index}/{Count}";

    /// <summary>
    /// Puts the JSONL outputs of the shards together in the plan's order: the bytes are those of an unsharded run. The lines stay on disk.
    /// </summary>
    /// <param name="plan">The ids of the whole plan, in order. An id may stand for several lines; they keep their order.</param>
    /// <param name="parts">The outputs of the shards, in any order.</param>
    /// <param name="output">Written whole or not at all.</param>
    /// <param name="key">The field of a line that holds the id.</param>
    /// <exception cref="RequestException">An id is missing, not in the plan or in two parts, or a line is no JSON object with the key.</exception>
    public static void Merge(IReadOnlyList<string> plan, IReadOnlyList<string> parts, string output, string key = "id")
    {
        var places = plan.ToDictionary(id => id, _ => new List<(int Part, long Offset, int Length)>(), StringComparer.Ordinal);
        for (var part = 0; part < parts.Count; part++)
        {
            foreach (var (id, offset, length) in LinesOf(parts[part], key))
            {
                if (!places.TryGetValue(id, out var lines))
                {
                    throw new RequestException($"{parts[part]}: '{id}' is not in the plan; the shards were made from another one.");
                }

                if (lines.Count > 0 && lines[0].Part != part)
                {
                    throw new RequestException($"{parts[part]}: '{id}' is also in {parts[lines[0].Part]}; merge the shards of one run only.");
                }

                lines.Add((part, offset, length));
            }
        }

        var missing = plan.Where(id => places[id].Count == 0).ToList();
        if (missing.Count > 0)
        {
            throw new RequestException(
                $"{output}: {missing.Count} of {plan.Count} ids are in no shard, the first is '{missing[0]}'; "
                + "run the missing shards, then merge again.");
        }

        Copy(plan.SelectMany(id => places[id]), parts, output);
    }

    private static void Copy(IEnumerable<(int Part, long Offset, int Length)> lines, IReadOnlyList<string> parts, string output)
    {
        var files = parts.Select(File.OpenRead).ToList();
        try
        {
            using (var whole = File.Create(output + ".partial"))
            {
                foreach (var (part, offset, length) in lines)
                {
                    var line = new byte[length];
                    files[part].Position = offset;
                    files[part].ReadExactly(line);
                    whole.Write(line);
                    whole.WriteByte((byte)'\n');
                }
            }

            File.Move(output + ".partial", output, overwrite: true);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private static IEnumerable<(string Id, long Offset, int Length)> LinesOf(string path, string key)
    {
        if (!File.Exists(path))
        {
            throw new RequestException($"{path}: there is no such output of a shard.");
        }

        var (offset, number) = (0L, 0);
        foreach (var line in File.ReadLines(path, new UTF8Encoding(false)))
        {
            number++;
            var length = Encoding.UTF8.GetByteCount(line);
            if (length > 0)
            {
                yield return (IdOf(line, key, $"{path}:{number}"), offset, length);
            }

            offset += length + 1;
        }
    }

    private static string IdOf(string line, string key, string place)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty(key).GetString() ?? throw new KeyNotFoundException();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new RequestException($"{place}: the line is no JSON object with a text '{key}'; delete it and run the shard again.", e);
        }
    }
}
