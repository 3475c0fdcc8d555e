using System.Text.RegularExpressions;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>Where the Hugging Face Hub is and where its files are kept.</summary>
public sealed partial record HubOptions
{
    /// <summary>The Hub or a mirror of it.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The folder with <c>models--…</c>, shared with Hugging Face's own tools.</summary>
    public required string Cache { get; init; }

    /// <summary>Sent to the endpoint and to no other host; null: none.</summary>
    public string? Token { get; init; }

    /// <summary>Use what is in the cache and ask no one.</summary>
    public bool Offline { get; init; }

    /// <summary>Seconds without a byte after which a connection counts as cut.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Wait before the first further attempt; doubles with each.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// From the variables that Hugging Face's tools know: HF_ENDPOINT, HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_TOKEN (else the file that
    /// their login leaves in HF_HOME) and HF_HUB_OFFLINE. As there, <c>~</c> and <c>$VARIABLE</c> in a folder stand for what they say, and line
    /// breaks and spaces around a token are none of it.
    /// </summary>
    /// <param name="variable">Reads one; null: the environment of the process.</param>
    /// <exception cref="RequestException">HF_ENDPOINT is no http(s) address.</exception>
    public static HubOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        string? Get(string name) => variable(name) is { Length: > 0 } value ? value : null;
        var user = Get("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string Expand(string folder) => Variables().Replace(
            folder == "~" || folder.StartsWith("~/", StringComparison.Ordinal) ? user + folder[1..] : folder,
            found => variable(found.Groups["name"].Value) ?? found.Value);
        var home = Expand(Get("HF_HOME") ?? Path.Combine(Get("XDG_CACHE_HOME") ?? Path.Combine(user, ".cache"), "huggingface"));
        var endpoint = Get("HF_ENDPOINT") ?? "https://huggingface.co";
        if (!Uri.TryCreate(endpoint.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new RequestException($"HF_ENDPOINT: '{endpoint}' is no http or https address.");
        }

        var tokenFile = Path.Combine(home, "token");
        return new HubOptions
        {
            Endpoint = address,
            Cache = Get("HF_HUB_CACHE") is { } cache ? Expand(cache) : Path.Combine(home, "hub"),
            Token = Clean(Get("HF_TOKEN")) ?? Clean(File.Exists(tokenFile) ? File.ReadAllText(tokenFile) : null),
            Offline = Get("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON",
        };
    }

    /// <summary>Without the token: options end up in logs.</summary>
    public override string ToString() => $"{Endpoint} → {Cache}{(Offline ? " (offline)" : "")}";

    private static string? Clean(string? token) =>
        token?.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim() is { Length: > 0 } clean ? clean : null;

    [GeneratedRegex(@"\$(?:(?<name>\w+)|\{(?<name>[^}]*)\})", RegexOptions.ECMAScript)]
    private static partial Regex Variables();
}
