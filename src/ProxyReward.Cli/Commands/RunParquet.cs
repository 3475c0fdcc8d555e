using System.Text.Json.Nodes;
using ProxyReward.Clients.Export;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary>The artefacts of a run as Parquet: each .jsonl and .json file under its own path, but for the models.</summary>
internal static class RunParquet
{
    private const string Checkpoint = "checkpoint";

    /// <summary>Writes them.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="target">The folder that gets them.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    /// <returns>The paths within the target, and the rows of each.</returns>
    public static async Task<IReadOnlyList<(string Name, int Rows)>> WriteAsync(string run, string target, CancellationToken cancellationToken)
    {
        var store = new RunFolder(run);
        var written = new List<(string, int)>();
        foreach (var name in Directory.EnumerateFiles(run, "*.json*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(run, file).Replace(Path.DirectorySeparatorChar, '/')).Where(IsArtefact).Order(StringComparer.Ordinal))
        {
            var rows = name.EndsWith(".jsonl", StringComparison.Ordinal) ? Jsonl.Read<JsonObject>(store, name) : [JsonFile.Read<JsonObject>(store, name)];

            // Parquet has no table without columns.
            if (rows.Exists(row => row.Count > 0))
            {
                var path = Path.Combine(target, name + ".parquet");
                OutPath.CreateFolder("--out", Path.GetDirectoryName(path)!);
                await ParquetTable.WriteAsync(rows, path, cancellationToken);
                written.Add((name + ".parquet", rows.Count));
            }
        }

        return written;
    }

    private static bool IsArtefact(string name) => Path.GetExtension(name) is ".json" or ".jsonl"
        && !name.Split('/')[..^1].Any(folder => folder.StartsWith(Checkpoint, StringComparison.Ordinal));
}
