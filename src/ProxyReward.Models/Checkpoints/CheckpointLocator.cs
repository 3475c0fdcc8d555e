using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Checkpoints;

/// <summary>From what a user writes (a path, or <c>owner/name[@revision]</c> of the Hub) to what <see cref="Checkpoint.Open"/> opens. No network.</summary>
public static class CheckpointLocator
{
    private const int MaxParts = 8;

    /// <exception cref="RequestException">There is no such path, and no such model in the cache; or the folder holds none.</exception>
    public static string Find(string pathOrId, HubOptions options)
    {
        if (File.Exists(pathOrId))
        {
            return pathOrId;
        }

        if (Directory.Exists(pathOrId))
        {
            // A folder that holds nothing but one GGUF means that file; one that holds no model is refused before anybody hashes its files.
            return new[] { "config.json", PeftFolder.ConfigName }.Any(name => File.Exists(Path.Combine(pathOrId, name))) ? pathOrId
                : Directory.GetFiles(pathOrId, "*.gguf") is [var only] ? only
                : throw Checkpoint.NoModel(pathOrId);
        }

        if (HubModel.TryParse(pathOrId) is not { } model)
        {
            throw new RequestException($"{pathOrId}: no such file or folder.");
        }

        return FindCached(model, options)
            ?? throw new RequestException($"{pathOrId}: no such file or folder, and no such model in {options.Cache}; fetch it with 'models pull {pathOrId}'.");
    }

    /// <summary>
    /// What a model is read from: itself, and where it is a PEFT adapter the base that it names, which may be an adapter in its turn: a training that began with
    /// one leaves such.
    /// </summary>
    /// <param name="path">A folder or file.</param>
    /// <param name="hub">Where bases that are models of the Hub are; null: where the environment says.</param>
    /// <returns>Adapters from the outermost in, and the whole model last.</returns>
    /// <exception cref="RequestException">A base is not there, or there is none.</exception>
    public static IReadOnlyList<string> PartsOf(string path, HubOptions? hub = null)
    {
        var parts = new List<string> { path };
        while (PeftFolder.Is(parts[^1]))
        {
            parts.Add(FindBase(parts[^1], hub ?? HubOptions.FromEnvironment()));
            if (parts.Count > MaxParts)
            {
                throw new RequestException($"{path}: {MaxParts} adapters name one another as their base, and no model; name one yourself: 'models convert BASE --adapter {path} --to OUT'.");
            }
        }

        return parts;
    }

    /// <summary>
    /// The base of an adapter: a path that <c>base_model_name_or_path</c> names from the adapter's folder or from the working directory, or a model of the Hub.
    /// </summary>
    /// <exception cref="RequestException">It names none, or it is in none of these places.</exception>
    private static string FindBase(string adapter, HubOptions options)
    {
        var place = $"{Path.Combine(adapter, PeftFolder.ConfigName)}: 'base_model_name_or_path'";
        var mend = $"name the base yourself: 'models convert BASE --adapter {adapter} --to OUT'";
        if (PeftFolder.BaseOf(adapter) is not { } named)
        {
            throw new RequestException($"{place} is missing; {mend}.");
        }

        if (((string[])[Path.Combine(adapter, named), named]).FirstOrDefault(Path.Exists) is { } path)
        {
            return Find(Path.GetFullPath(path), options);
        }

        return HubModel.TryParse(named) is not { } model ? throw new RequestException($"{place} is '{named}', and there is no such path; {mend}.")
            : FindCached(model, options)
                ?? throw new RequestException($"{place} is '{named}', which is no path and no model in {options.Cache}; fetch it with 'models pull {named}', or {mend}.");
    }

    /// <summary>A model's snapshot, where it is in the cache with configuration and all weights, or as an adapter; else its GGUF.</summary>
    /// <exception cref="RequestException">It is there as several GGUF files.</exception>
    internal static string? FindCached(HubModel model, HubOptions options)
    {
        if (new HubCache(options.Cache, model).Find() is not { } snapshot)
        {
            return null;
        }

        bool Has(string name) => File.Exists(Path.Combine(snapshot, name));
        var hasWeights = Has(SafetensorsIndex.SingleName)
            || (Has(SafetensorsIndex.IndexName) && SafetensorsIndex.FilesOf(snapshot).All(file => File.Exists(file.File)));
        if ((Has("config.json") && hasWeights) || (Has(PeftFolder.ConfigName) && Has(SafetensorsIndex.AdapterName)))
        {
            return snapshot;
        }

        return Directory.GetFiles(snapshot, "*.gguf", SearchOption.AllDirectories).Where(File.Exists).Order(StringComparer.Ordinal).ToArray() switch
        {
            [] => null,
            [var only] => only,
            var several => throw new RequestException($"{model}: several of its GGUF files are in the cache; name one by its path: {string.Join(", ", several)}."),
        };
    }
}
