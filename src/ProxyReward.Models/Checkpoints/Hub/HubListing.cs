using System.Text.Json;
using System.Text.RegularExpressions;
using ProxyReward.Models.Adapters;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>Which commit a revision of a model is, and the names of its files.</summary>
internal sealed partial record HubListing(HubModel Model, string Commit, IReadOnlySet<string> Names)
{
    private const int Shown = 20; // names in a message

    private static readonly string[] Beside = ["generation_config.json", .. TokenizerFiles.All];

    /// <summary>Whether it is an adapter without its model.</summary>
    public bool IsAdapter => Has(SafetensorsIndex.AdapterName, PeftFolder.ConfigName)
        && !Has(SafetensorsIndex.SingleName) && !Has(SafetensorsIndex.IndexName);

    /// <summary>What is read here: configuration, tokenizer, and weights or the index of their shards.</summary>
    /// <exception cref="RequestException">No weights are of a form that is read.</exception>
    public IEnumerable<string> Files => (IsAdapter, Has(SafetensorsIndex.SingleName), Has(SafetensorsIndex.IndexName)) switch
    {
        (true, _, _) => [PeftFolder.ConfigName, .. Beside.Where(Names.Contains), SafetensorsIndex.AdapterName],
        (_, true, _) => [.. Around(), SafetensorsIndex.SingleName],
        (_, _, true) => [.. Around(), SafetensorsIndex.IndexName],
        _ => throw new RequestException($"{Model}: has neither {SafetensorsIndex.SingleName} nor {SafetensorsIndex.IndexName} nor an adapter ({SafetensorsIndex.AdapterName}); "
            + (Ggufs.Count > 0 ? $"name one of its GGUF files with --file: {Some(Ggufs)}." : "other formats are not read: choose a model with safetensors.")),
    };

    private List<string> Ggufs => [.. Names.Where(IsGguf).Order(StringComparer.Ordinal)];

    /// <summary>Asks the Hub.</summary>
    /// <exception cref="RequestException">There is no such model or no permission, or the Hub cannot be reached.</exception>
    public static async Task<HubListing> Read(HubHttp http, HubOptions options, HubModel model, CancellationToken cancellation)
    {
        var address = new Uri(options.Endpoint, $"api/models/{model.Id}/revision/{Uri.EscapeDataString(model.Revision)}");
        var body = await http.Persist(
            model.Id,
            address,
            "The Hub cannot be reached: check the network and HF_ENDPOINT, or set HF_HUB_OFFLINE=1 to use the cache",
            async () =>
            {
                using var answer = await http.Send(HttpMethod.Get, address, model, cancellation: cancellation).ConfigureAwait(false);
                return await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        try
        {
            using var json = JsonFile.ParseObject(body, address.ToString());
            var commit = json.RootElement.GetProperty("sha").GetString()!;
            return commit.Length == 40 && commit.All(char.IsAsciiHexDigitLower)
                ? new HubListing(model, commit, json.RootElement.GetProperty("siblings").EnumerateArray().Select(file => file.GetProperty("rfilename").GetString()!).ToHashSet())
                : throw new FormatException($"'{commit}' is no commit");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or JsonException)
        {
            throw new RequestException($"{address}: does not answer as the Hub does ({e.Message}); check HF_ENDPOINT.", e);
        }
    }

    /// <summary>Whether a file may be that of a GGUF in a model; such a name leads nowhere out of the model's folder.</summary>
    public static bool IsGguf(string name) => GgufName().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal);

    /// <summary>The name of one GGUF.</summary>
    /// <exception cref="RequestException">There is none of that name.</exception>
    public string Gguf(string name) => Ggufs.Contains(name)
        ? name
        : throw new RequestException($"--file: {Model} has no GGUF file '{name}'; {(Ggufs.Count > 0 ? $"it has {Some(Ggufs)}" : "it has none: leave --file out")}.");

    private bool Has(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!Names.Contains(name))
            {
                return false;
            }
        }

        return true;
    }

    private IEnumerable<string> Around() => ((string[])["config.json", .. Beside]).Where(Names.Contains);

    private static string Some(List<string> names) => string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");

    [GeneratedRegex(@"\A[\w.+-]+(/[\w.+-]+)*\.gguf\z", RegexOptions.ECMAScript)]
    private static partial Regex GgufName();
}
