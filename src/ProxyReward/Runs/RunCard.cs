using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ProxyReward.Recipes;

namespace ProxyReward.Runs;

/// <summary>run.json: what a run was begun with, so that its numbers can be made again. No times: two runs of a recipe share it.</summary>
/// <param name="Version">Of this project.</param>
/// <param name="Seed">The recipe's seed.</param>
/// <param name="SplitSeed">The pocket lab's.</param>
/// <param name="Machine">Kind of machine; the same bytes are promised on the same kind.</param>
/// <param name="Engine">What the engine says of itself.</param>
/// <param name="Hashes">SHA-256 of the recipe (resolved), the questions and the model folder.</param>
public sealed record RunCard(
    string Version,
    long Seed,
    int SplitSeed,
    IReadOnlyDictionary<string, string> Machine,
    IReadOnlyDictionary<string, string> Engine,
    IReadOnlyDictionary<string, string> Hashes)
{
    /// <summary>Its file in a run folder.</summary>
    public const string FileName = "run.json";

    // What models are read from; a note beside them changes none.
    private static readonly string[] Weights = [".safetensors", ".gguf"];
    private static readonly string[] Settings =
    [
        "config.json", "generation_config.json", "adapter_config.json", "model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
    ];

    internal static string ThisVersion { get; } =
        typeof(RunCard).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    internal static IReadOnlyDictionary<string, string> ThisMachine => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["cores"] = $"{Environment.ProcessorCount}",
        ["os"] = RuntimeInformation.OSDescription,
        ["runtime"] = RuntimeInformation.FrameworkDescription,
    };

    /// <summary>The card of a run that begins now.</summary>
    /// <exception cref="RequestException">There is no such model folder.</exception>
    public static RunCard Of(Recipe recipe, byte[] questions, RunParts parts) => new(
        ThisVersion,
        recipe.Seed,
        recipe.Lab.SplitSeed,
        ThisMachine,
        parts.Engine,
        HashesOf(HashOfModel(parts.Policies.PathsOf(parts.Model())), HashOf(questions), recipe));

    /// <summary>The card of a run that has begun.</summary>
    /// <exception cref="RequestException">It is lost or damaged. It cannot be made again: nothing else says with which model the run began.</exception>
    public static RunCard Read(IRunStore store)
    {
        if (!store.Exists(FileName))
        {
            throw new RequestException(
                $"{store.PathOf(FileName)}: this file is lost, which says with which model and which questions the run began. Put it back from a copy, or begin again in another folder with --out; {store.PathOf(Run.RecipeName)} says how.");
        }

        return JsonFile.Read<RunCard>(store, FileName, "Put it back from a copy, or begin again in another folder with --out: it cannot be made again.");
    }

    /// <summary>Writes it, unless it is there already.</summary>
    public void Write(IRunStore store) => JsonFile.Write(store, FileName, this);

    /// <summary>The same card with the hash of a recipe that the run goes on under.</summary>
    public RunCard Under(Recipe recipe) => this with { Hashes = HashesOf(Hashes["model"], Hashes["questions"], recipe) };

    /// <summary>The card of the same models under another recipe and other questions.</summary>
    public RunCard Under(Recipe recipe, byte[] questions) => this with { Hashes = HashesOf(Hashes["model"], HashOf(questions), recipe) };

    /// <summary>Whether these are the questions that the run began with.</summary>
    public bool HasBegunWith(byte[] questions) => Hashes["questions"] == HashOf(questions);

    internal static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>SHA-256 over the names and contents of the files that a model is read from.</summary>
    /// <param name="paths">Its folder, or the one file that it is; those of an adapter and of its base.</param>
    public static string HashOfModel(params IReadOnlyList<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var file in paths.SelectMany(FilesOf))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            using var stream = File.OpenRead(file);
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                hash.AppendData(buffer, 0, read);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> FilesOf(string path) => (File.Exists(path) ? [path] : Directory.EnumerateFiles(path).Where(file =>
        Weights.Contains(Path.GetExtension(file), StringComparer.Ordinal) || Settings.Contains(Path.GetFileName(file), StringComparer.Ordinal))).Order(StringComparer.Ordinal);

    private static SortedDictionary<string, string> HashesOf(string model, string questions, Recipe recipe) => new(StringComparer.Ordinal)
    {
        ["model"] = model,
        ["questions"] = questions,
        ["recipe"] = HashOf(Encoding.UTF8.GetBytes(RecipeFile.Write(recipe))),
    };
}
