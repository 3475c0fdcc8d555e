using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using ProxyReward.Models.Tokenization;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Tokenization;

/// <summary>The reference tokenizers with what Hugging Face computes for them; their README says what the columns mean.</summary>
internal static class TokenizerFixtures
{
    private static readonly ConcurrentDictionary<string, Tokenizer> Loaded = [];

    /// <summary>Those that are found, and the small ones that ship with the tests.</summary>
    public static IEnumerable<string> Folders =>
        new[] { FixtureRoot.Find("tokenizers"), FixtureRoot.Shipped("tokenizers-made") }.OfType<string>().SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal);

    /// <summary>Where the tokenizer of a set of cases lies: beside them, or under the same name in the shared fixtures.</summary>
    public static string Home(string folder) => Directory.EnumerateFiles(folder, "tokenizer.json*").Any()
        ? folder
        : FixtureRoot.Shared("fixtures", "tokenizers", Path.GetFileName(folder));

    /// <summary>The text of tokenizer.json, packed or not.</summary>
    public static byte[] Json(string folder)
    {
        var file = Path.Combine(Home(folder), "tokenizer.json");
        if (File.Exists(file))
        {
            return File.ReadAllBytes(file);
        }

        using var packed = new GZipStream(File.OpenRead(file + ".gz"), CompressionMode.Decompress);
        using var json = new MemoryStream();
        packed.CopyTo(json);
        return json.ToArray();
    }

    /// <summary>Loaded once for all tests.</summary>
    public static Tokenizer Tokenizer(string folder) =>
        Loaded.GetOrAdd(folder, _ => ProxyReward.Models.Tokenization.Tokenizer.Parse(Json(folder), folder));

    public static IEnumerable<JsonElement> Lines(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        return File.Exists(file)
            ? File.ReadAllText(file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            : [];
    }

    public static int[] Ids(JsonElement ids) => [.. ids.EnumerateArray().Select(id => id.GetInt32())];
}
