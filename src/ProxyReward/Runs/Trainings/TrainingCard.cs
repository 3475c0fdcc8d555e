using System.Security.Cryptography;
using System.Text.Json;
using ProxyReward.Training;

namespace ProxyReward.Runs.Trainings;

/// <summary>train.json: what a training without a run was begun with, so that its weights can be made again.</summary>
/// <param name="Version">Of this project.</param>
/// <param name="Model">Path of the model it starts from.</param>
/// <param name="Pairs">File of the pairs.</param>
/// <param name="Eval">File of the dev pairs.</param>
/// <param name="Machine">Kind of machine; the same bytes are promised on the same kind.</param>
/// <param name="Engine">What the engine says of itself.</param>
/// <param name="Hashes">SHA-256 of the model, of the pairs and of the dev pairs as they were understood.</param>
internal sealed record TrainingCard(
    string Version,
    string Model,
    string Pairs,
    string? Eval,
    IReadOnlyDictionary<string, string> Machine,
    IReadOnlyDictionary<string, string> Engine,
    IReadOnlyDictionary<string, string> Hashes)
{
    public const string Name = "train.json";
    private const string Compute = "compute";

    public static TrainingCard Of(FileTrainingRequest request, IPolicyLoader policies, TrainingData data, IReadOnlyDictionary<string, string> engine)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["model"] = RunCard.HashOfModel(policies.PathsOf(request.Model)), ["pairs"] = HashOf(data.Pairs) };
        if (data.Dev.Count > 0)
        {
            hashes["eval"] = HashOf(data.Dev);
        }

        return new(RunCard.ThisVersion, request.Model, request.Pairs, request.Eval, RunCard.ThisMachine, engine, hashes);
    }

    /// <summary>What is not the same in another card; null where a training may go on under it.</summary>
    public string? ChangedIn(TrainingCard now) =>
        Hashes.Keys.Union(now.Hashes.Keys, StringComparer.Ordinal).FirstOrDefault(name => Hashes.GetValueOrDefault(name) != now.Hashes.GetValueOrDefault(name));

    /// <summary>The type of matrix products, in both cards; null where it is the same, or where one does not say.</summary>
    public (string There, string Now)? OtherPrecision(TrainingCard now) => Differences(now).Where(fact => fact.Name == Compute).Select(fact => ((string, string)?)(fact.There, fact.Now)).FirstOrDefault();

    /// <summary>What else of that which decides how numbers are rounded is not the same, for people.</summary>
    public IEnumerable<string> OtherRounding(TrainingCard now) =>
        Differences(now).Where(fact => fact.Name != Compute).Select(fact => $"{fact.Name.Replace('_', ' ')} {fact.There}, now {fact.Now}");

    // Where one card lacks a fact, it cannot be compared: a version before knew less, and a process alone does not count itself.
    private IEnumerable<(string Name, string There, string Now)> Differences(TrainingCard now) =>
        from there in Rounding
        join here in now.Rounding on there.Key equals here.Key
        where there.Value != here.Value
        select (there.Key, there.Value, here.Value);

    // The system and .NET do not compute.
    private IEnumerable<KeyValuePair<string, string>> Rounding =>
        [.. Machine.Where(fact => fact.Key is "architecture" or "cores"), .. Engine, new("version", Version)];

    private static string HashOf(IReadOnlyList<TrainingExample> pairs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var pair in pairs)
        {
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(Said(pair), Json.Line));
            hash.AppendData("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static object Said(TrainingExample pair) => pair switch
    {
        ChatExample chat => new { chat.Prompt, chat.Chosen, chat.Rejected },
        TextExample text => new { text.Prompt, text.Chosen, text.Rejected },
        _ => throw new ArgumentOutOfRangeException(nameof(pair), pair.GetType(), "not read from a file"),
    };
}
