using System.Text.RegularExpressions;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>A model of the Hub: <c>owner/name</c>, and the branch, tag or commit that is meant.</summary>
public sealed partial record HubModel
{
    private HubModel(string id, string revision) => (Id, Revision) = (id, revision);

    public string Id { get; }

    public string Revision { get; }

    /// <summary>Reads <c>ID[@revision]</c>; the revision is main where it is not said.</summary>
    /// <exception cref="RequestException">It is not of that form.</exception>
    public static HubModel Parse(string text) => TryParse(text)
        ?? throw new RequestException($"'{text}' is no model of the Hub: write owner/name or owner/name@revision.");

    /// <summary>The same; null where it is not of that form.</summary>
    public static HubModel? TryParse(string text)
    {
        var match = Form().Match(text);
        // Both become names of folders: nothing in them may lead out of the cache.
        return match.Success && !text.Contains("..", StringComparison.Ordinal)
            ? new HubModel(match.Groups["id"].Value, match.Groups["revision"] is { Success: true } revision ? revision.Value : "main")
            : null;
    }

    /// <summary>The model that a folder is a snapshot of, where it lies as in a cache: <c>models--owner--name/snapshots/COMMIT</c>; null where not.</summary>
    public static HubModel? OfSnapshot(string folder)
    {
        var commit = new DirectoryInfo(folder);
        return commit.Parent is { Name: HubCache.Snapshots, Parent: { } model } && model.Name.StartsWith(HubCache.Prefix, StringComparison.Ordinal)
            ? TryParse($"{model.Name[HubCache.Prefix.Length..].Replace(HubCache.Slash, "/", StringComparison.Ordinal)}@{commit.Name}")
            : null;
    }

    public override string ToString() => $"{Id}@{Revision}";

    [GeneratedRegex(@"\A(?<id>[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?)(@(?<revision>[A-Za-z0-9][\w.-]*(/[\w.-]+)*))?\z", RegexOptions.ECMAScript)]
    private static partial Regex Form();
}
