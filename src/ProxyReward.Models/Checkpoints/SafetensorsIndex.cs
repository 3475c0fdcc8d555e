using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Checkpoints;

/// <summary>Which files make up a safetensors checkpoint.</summary>
internal static class SafetensorsIndex
{
    public const string SingleName = "model.safetensors";
    public const string IndexName = "model.safetensors.index.json";
    public const string AdapterName = "adapter_model.safetensors";

    /// <summary>Whether a folder holds the weights of a whole model.</summary>
    public static bool HasModel(string folder) => File.Exists(Path.Combine(folder, SingleName)) || File.Exists(Path.Combine(folder, IndexName));

    /// <summary>The files with the tensors the index places in each; null where there is no index.</summary>
    public static IReadOnlyList<(string File, IReadOnlySet<string>? Names)> FilesOf(string path)
    {
        if (File.Exists(path))
        {
            return path.EndsWith(".json", StringComparison.Ordinal) ? Sharded(path) : [(path, null)];
        }

        foreach (var name in (ReadOnlySpan<string>)[SingleName, IndexName, AdapterName])
        {
            if (File.Exists(Path.Combine(path, name)))
            {
                return FilesOf(Path.Combine(path, name));
            }
        }

        throw new RequestException(Directory.Exists(path)
            ? $"{path}: the folder has no {SingleName}, {IndexName} or {AdapterName}; other formats (.bin, .pth) are not read: convert the checkpoint to safetensors."
            : $"{path}: no such file or folder.");
    }

    private static List<(string File, IReadOnlySet<string>? Names)> Sharded(string index)
    {
        using var json = JsonFile.ReadObject(index, SafetensorsHeader.MaxBytes);
        if (!json.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != System.Text.Json.JsonValueKind.Object)
        {
            throw new RequestException($"{index}: has no object 'weight_map'; {DamagedFile.Mend(index)}.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(index))!;
        var files = new SortedDictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var tensor in map.EnumerateObject())
        {
            // A name with a path in it could reach any file of the machine.
            var file = tensor.Value.ValueKind == System.Text.Json.JsonValueKind.String ? tensor.Value.GetString()! : "";
            if (file.Length == 0 || Path.GetFileName(file) != file || file is "." or "..")
            {
                throw new RequestException($"{index}, weight_map, {tensor.Name}: '{tensor.Value}' is not the name of a file beside the index.");
            }

            if (!files.TryGetValue(file, out var names))
            {
                files[file] = names = [];
            }

            names.Add(tensor.Name);
        }

        return [.. files.Select(f => (Path.Combine(folder, f.Key), (IReadOnlySet<string>?)f.Value))];
    }
}
