using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Checkpoints;

/// <summary>From what a user writes (a path, or <c>owner/name[@revision]</c> of the Hub) to what <see cref="Checkpoint.Open"/> opens. No network.</summary>
public static class CheckpointLocator
{
    /// <exception cref="RequestException">There is no such path, and no such model in the cache.</exception>
    public static string Find(string pathOrId, HubOptions options)
    {
        if (File.Exists(pathOrId))
        {
            return pathOrId;
        }

        if (Directory.Exists(pathOrId))
        {
            // A folder that holds nothing but one GGUF means that file.
            return !File.Exists(Path.Combine(pathOrId, "config.json")) && Directory.GetFiles(pathOrId, "*.gguf") is [var only] ? only : pathOrId;
        }

        if (HubModel.TryParse(pathOrId) is not { } model)
        {
            throw new RequestException($"{pathOrId}: no such file or folder.");
        }

        return FindCached(model, options)
            ?? throw new RequestException($"{pathOrId}: no such file or folder, and no such model in {options.Cache}; fetch it with 'models pull {pathOrId}'.");
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
