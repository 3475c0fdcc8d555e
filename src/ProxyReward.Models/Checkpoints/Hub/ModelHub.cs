using ProxyReward.Models.Adapters;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>
/// Fetches models from the Hugging Face Hub into the cache its own tools use. Only what this program reads is fetched: configuration,
/// tokenizer and safetensors, or one GGUF. Every file is verified against its checksum, one that is there as well as one that arrives, and a
/// download that broke off goes on where it stopped.
/// </summary>
public static class ModelHub
{
    /// <summary>Fetches what is missing or damaged; returns the folder of the snapshot, or the file that was asked for.</summary>
    /// <param name="file">A GGUF of the model, to have nothing else; null: configuration, tokenizer and safetensors, of a model or an adapter.</param>
    /// <exception cref="RequestException">There is no such model or no permission, the Hub cannot be reached, or bytes do not match their checksum.</exception>
    public static async Task<string> Pull(
        HubModel model, HubOptions options, string? file = null, IProgress<HubProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (file is not null && !HubListing.IsGguf(file))
        {
            throw new RequestException($"--file: '{file}' is no GGUF file of a model; without --file all that is read of it is fetched.");
        }

        var cache = new HubCache(options.Cache, model);
        if (options.Offline)
        {
            return await CheckCached(cache, model, options, file, cancellation).ConfigureAwait(false);
        }

        using var http = new HubHttp(options, progress);
        var listing = await HubListing.Read(http, options, model, cancellation).ConfigureAwait(false);
        var snapshot = cache.Snapshot(listing.Commit);
        foreach (var name in file is null ? listing.Files : [listing.Gguf(file)])
        {
            var path = await Fetch(name).ConfigureAwait(false);
            foreach (var (shard, _) in name == SafetensorsIndex.IndexName ? SafetensorsIndex.FilesOf(path) : [])
            {
                await Fetch(Path.GetFileName(shard)).ConfigureAwait(false);
            }
        }

        cache.Remember(listing.Commit);
        if (file is not null)
        {
            return Path.Combine(snapshot, file);
        }

        if (listing.IsAdapter && PeftFolder.BaseOf(snapshot) is { } named && HubModel.TryParse(named) is not null)
        {
            progress?.Report(new HubProgress(PeftFolder.ConfigName, 0, null) { Note = $"an adapter for {named}, which 'models pull {named}' fetches" });
        }

        return snapshot;

        async Task<string> Fetch(string name)
        {
            var path = Path.Combine(snapshot, name);
            var linked = HubCache.ChecksumOf(path);
            if (linked is not null && await IsIntact(linked).ConfigureAwait(false))
            {
                return path;
            }

            var remote = new HubFile(http, options, model, listing.Commit, name, progress);
            var (hash, size) = await remote.Describe(cancellation).ConfigureAwait(false);
            if (hash == linked || !await IsIntact(hash).ConfigureAwait(false))
            {
                await remote.Download(cache.Blob(hash), hash, size, cancellation).ConfigureAwait(false);
            }

            if (hash != linked)
            {
                cache.Link(listing.Commit, name, hash);
            }

            return path;

            async Task<bool> IsIntact(string checksum)
            {
                var blob = cache.Blob(checksum);
                if (!File.Exists(blob))
                {
                    return false;
                }

                var fits = await Checksum.Fits(blob, checksum, cancellation).ConfigureAwait(false);
                progress?.Report(new HubProgress(name, 0, null) { Note = fits ? "is there, checked" : "is there and damaged: fetched again" });
                return fits;
            }
        }
    }

    private static async Task<string> CheckCached(HubCache cache, HubModel model, HubOptions options, string? file, CancellationToken cancellation)
    {
        var found = file is null ? CheckpointLocator.FindCached(model, options)
            : cache.Find() is { } snapshot && File.Exists(Path.Combine(snapshot, file)) ? Path.Combine(snapshot, file)
            : null;
        if (found is null)
        {
            throw new RequestException($"{model}{(file is null ? "" : ", " + file)}: is not in {options.Cache}, and HF_HUB_OFFLINE forbids fetching it; unset it, or fetch the model where there is a network.");
        }

        foreach (var path in File.Exists(found) ? [found] : Directory.GetFiles(found).Where(path => Path.GetExtension(path) is ".json" or ".jinja" or ".txt" or ".safetensors"))
        {
            if (HubCache.ChecksumOf(path) is { } checksum && !await Checksum.Fits(path, checksum, cancellation).ConfigureAwait(false))
            {
                throw new RequestException($"{path}: is damaged (its checksum is not {checksum}), and HF_HUB_OFFLINE forbids fetching it again; unset it.");
            }
        }

        return found;
    }
}
