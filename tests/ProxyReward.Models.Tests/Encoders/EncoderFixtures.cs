using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Encoders;
using ProxyReward.Models.Tokenization;
using ProxyReward.Testing;
using static TorchSharp.torch;

namespace ProxyReward.Models.Tests.Encoders;

/// <summary>The reference classifiers and tokenizers of the set "encoders", found by enumeration, with what Hugging Face computes for them.</summary>
internal static class EncoderFixtures
{
    /// <summary>Folders with a configuration; "" where there are none, whose test is skipped.</summary>
    public static TheoryData<string> Classifiers => [.. Having("config.json").DefaultIfEmpty("")];

    /// <summary>Folders with a tokenizer.</summary>
    public static IEnumerable<string> Tokenizers => Having("tokenizer.json").Select(Folder);

    public static string Folder(string name) => Path.Combine(FixtureRoot.Require("encoders"), name);

    /// <summary>The expected rows, unpadded.</summary>
    public static List<TokenSequence> Rows(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(name), "expected.json")));
        return [.. json.RootElement.GetProperty("rows").EnumerateArray().Select(row => Sequence([.. row.EnumerateArray().Select(id => id.GetInt32())]))];
    }

    /// <summary>A tensor of the expected numbers.</summary>
    public static float[] Expected(string name, string tensor)
    {
        using var numbers = SafetensorsFolder.Open(Path.Combine(Folder(name), "expected.safetensors"));
        var values = new float[numbers.Shapes[tensor].Aggregate(1L, (product, extent) => product * extent)];
        numbers.ReadFloat32(tensor, values);
        return values;
    }

    public static TokenSequence Sequence(IReadOnlyList<int> ids) => new(ids, [.. ids.Select(_ => 0)]);

    /// <summary>Logits [rows · labels] and hidden states [rows · length · hidden].</summary>
    public static (float[] Logits, float[] Hidden) Run(EncoderNetwork network, IReadOnlyList<TokenSequence> rows)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var batch = new EncoderBatch(rows, network.Config.PadTokenId);
        var hidden = network.Hidden(batch);
        return (network.Logits(hidden, batch).data<float>().ToArray(), hidden.data<float>().ToArray());
    }

    private static IEnumerable<string> Having(string file) => FixtureRoot.Find("encoders") is { } root
        ? Directory.EnumerateDirectories(root).Where(folder => File.Exists(Path.Combine(folder, file))).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)
        : [];
}
