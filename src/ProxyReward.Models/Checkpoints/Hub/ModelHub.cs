using System.Text.Json;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>
/// Fetches models from the Hugging Face Hub into the cache its own tools use. Only what this program reads is fetched: configuration,
/// tokenizer and safetensors; every file is verified against its checksum, and a download that broke off goes on where it stopped.
/// </summary>
public static class ModelHub
{
    private static readonly string[] Always = ["config.json", "generation_config.json", .. TokenizerFiles.All];

    /// <summary>Fetches what is missing; returns the folder of the snapshot.</summary>
    /// <exception cref="RequestException">There is no such model or no permission, the Hub cannot be reached, or bytes do not match their checksum.</exception>
    public static async Task<string> Pull(HubModel model, HubOptions options, IProgress<HubProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (options.Offline)
        {
            return CheckpointLocator.FindCached(model, options)
                ?? throw new RequestException($"{model}: is not in {options.Cache}, and HF_HUB_OFFLINE forbids fetching it; unset it, or fetch the model where there is a network.");
        }

        using var http = new HubHttp(options);
        var cache = new HubCache(options.Cache, model);
        var (commit, names) = await List(http, options, model, cancellation).ConfigureAwait(false);
        foreach (var name in Always.Where(names.Contains))
        {
            await Fetch(name).ConfigureAwait(false);
        }

        if (names.Contains(SafetensorsIndex.SingleName))
        {
            await Fetch(SafetensorsIndex.SingleName).ConfigureAwait(false);
        }
        else if (names.Contains(SafetensorsIndex.IndexName))
        {
            var index = await Fetch(SafetensorsIndex.IndexName).ConfigureAwait(false);
            foreach (var (file, _) in SafetensorsIndex.FilesOf(index))
            {
                await Fetch(Path.GetFileName(file)).ConfigureAwait(false);
            }
        }
        else
        {
            throw new RequestException($"{model}: has neither {SafetensorsIndex.SingleName} nor {SafetensorsIndex.IndexName}; other formats are not read: choose a model with safetensors.");
        }

        cache.Remember(commit);
        return cache.Snapshot(commit);

        async Task<string> Fetch(string name)
        {
            var path = Path.Combine(cache.Snapshot(commit), name);
            if (!File.Exists(path)) // a link to a blob that is gone does not exist
            {
                var file = new HubFile(http, options, model, new Uri(options.Endpoint, $"{model.Id}/resolve/{commit}/{Uri.EscapeDataString(name)}"), name);
                var (hash, size) = await file.Describe(cancellation).ConfigureAwait(false);
                if (!File.Exists(cache.Blob(hash)))
                {
                    await file.Download(cache.Blob(hash), hash, size, progress, cancellation).ConfigureAwait(false);
                }

                cache.Link(commit, name, hash);
            }

            return path;
        }
    }

    private static async Task<(string Commit, HashSet<string> Names)> List(HubHttp http, HubOptions options, HubModel model, CancellationToken cancellation)
    {
        var address = new Uri(options.Endpoint, $"api/models/{model.Id}/revision/{Uri.EscapeDataString(model.Revision)}");
        try
        {
            using var answer = await http.Send(HttpMethod.Get, address, model, cancellation: cancellation).ConfigureAwait(false);
            using var json = JsonFile.ParseObject(await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false), address.ToString());
            var commit = json.RootElement.GetProperty("sha").GetString()!;
            if (commit.Length != 40 || !commit.All(char.IsAsciiHexDigitLower))
            {
                throw new FormatException($"'{commit}' is no commit");
            }

            return (commit, [.. json.RootElement.GetProperty("siblings").EnumerateArray().Select(file => file.GetProperty("rfilename").GetString()!)]);
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new RequestException($"{address}: the Hub cannot be reached ({e.Message}); check the network and HF_ENDPOINT, or set HF_HUB_OFFLINE=1 to use the cache.", e);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or JsonException)
        {
            throw new RequestException($"{address}: does not answer as the Hub does ({e.Message}); check HF_ENDPOINT.", e);
        }
    }
}
