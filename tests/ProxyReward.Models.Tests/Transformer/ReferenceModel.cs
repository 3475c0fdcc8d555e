using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using TorchSharp;

namespace ProxyReward.Models.Tests.Transformer;

/// <summary>A checkpoint of the reference numbers, loaded in fp32, with what Hugging Face computes for it.</summary>
internal sealed class ReferenceModel : IDisposable
{
    private ReferenceModel(string folder, string expected)
    {
        var config = ConfigReader.Read(folder);
        using var source = SafetensorsFolder.Open(folder);
        Model = new LanguageModel(config, Parameters.Load(new ParameterLayout(config), source, folder, torch.ScalarType.Float32));
        using var json = JsonDocument.Parse(File.ReadAllBytes(expected));
        Expected = json.RootElement.Clone();
        Numbers = SafetensorsFolder.Open(Path.ChangeExtension(expected, ".safetensors"));
    }

    /// <summary>Checkpoint folders that have numbers of their own or a link to another's; "" where there are none.</summary>
    public static TheoryData<string> All => FixtureRoot.Find("models") is { } root
        ? [.. Directory.EnumerateFiles(root, "expected.json", SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(file)!).Where(folder => File.Exists(Path.Combine(folder, "config.json")))
            .Select(folder => Path.GetRelativePath(root, folder)).Order(StringComparer.Ordinal)]
        : [""];

    public LanguageModel Model { get; }

    public JsonElement Expected { get; }

    public SafetensorsFolder Numbers { get; }

    public static ReferenceModel Load(string relative)
    {
        var folder = Path.Combine(FixtureRoot.Require("models"), relative);
        var expected = Path.Combine(folder, "expected.json");
        using var json = JsonDocument.Parse(File.ReadAllBytes(expected));
        return new ReferenceModel(
            folder,
            json.RootElement.TryGetProperty("same_as", out var link) ? Path.GetFullPath(Path.Combine(folder, link.GetString()!)) : expected);
    }

    public float[] Floats(string name) => Read<float>(name, Numbers.ReadFloat32);

    public int[] Ids(string name) => [.. Read<long>(name, Numbers.ReadInt64).Select(id => (int)id)];

    public void Dispose()
    {
        Model.Dispose();
        Numbers.Dispose();
    }

    private delegate void Reader<T>(string name, Span<T> destination);

    private T[] Read<T>(string name, Reader<T> read)
    {
        var values = new T[Numbers.Shapes[name].Aggregate(1L, (product, extent) => product * extent)];
        read(name, values);
        return values;
    }
}
