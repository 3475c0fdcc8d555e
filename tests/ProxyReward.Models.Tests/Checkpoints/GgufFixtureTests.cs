using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class GgufFixtureTests
{
    public static TheoryData<string> Quants => ModelFixtures.Having("*.gguf", file => file.Contains("quants", StringComparison.Ordinal));

    public static TheoryData<string> WithMetadata => ModelFixtures.Having("*.expected.json", _ => true);

    /// <summary>Whole models, "name.TYPE.gguf", whose source is the folder "name" one level up.</summary>
    public static TheoryData<string> Models => ModelFixtures.Having("*.gguf", file => Directory.Exists(SourceOf(file)));

    /// <summary>Those of a type that is written, not only read.</summary>
    public static TheoryData<string> WritableModels => ModelFixtures.Having(
        "*.gguf", file => Directory.Exists(SourceOf(file)) && TypeOf(file) is GgufType.F32 or GgufType.F16 or GgufType.BF16 or GgufType.Q8_0);

    [Theory, MemberData(nameof(Quants))]
    public void A_stored_type_dequantises_to_the_reference(string relative)
    {
        var path = ModelFixtures.Path(relative);
        using var expected = SafetensorsFolder.Open(Path.Combine(Path.GetDirectoryName(path)!, "expected.safetensors"));
        using var file = GgufFile.Open(path);
        var (name, tensor) = Assert.Single(file.Tensors);
        var type = Path.GetFileNameWithoutExtension(path);
        Assert.Equal(type, tensor.Type.ToString());
        var reference = SafetensorsFolderTests.Read(expected, type);
        var numbers = new float[tensor.Elements];
        file.ReadFloat32(name, numbers);
        Assert.Equal(expected.Shapes[type], tensor.Shape);
        Assert.Equal(reference, numbers); // 1e-6 of the largest is allowed; products and sums in the reference's order give all of it
    }

    [Theory, MemberData(nameof(WithMetadata))]
    public void Metadata_of_every_type_and_alignment_read_as_written(string relative)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(ModelFixtures.Path(relative)));
        var folder = Path.GetDirectoryName(ModelFixtures.Path(relative))!;
        using var file = GgufFile.Open(Path.Combine(folder, json.RootElement.GetProperty("file").GetString()!));
        Assert.Equal(json.RootElement.GetProperty("alignment").GetInt32(), file.Alignment);
        foreach (var item in json.RootElement.GetProperty("values").EnumerateObject())
        {
            var value = item.Value.GetProperty("value");
            var type = item.Value.GetProperty("type").GetString();
            Assert.Equal(type is "uint64" or "int64" ? value.GetString() : JsonSerializer.Serialize(value), JsonSerializer.Serialize(file.Metadata[item.Name]));
            Assert.True(type == "array" || type == TypeName(file.Metadata[item.Name]), item.Name);
        }

        using var expected = SafetensorsFolder.Open(ModelFixtures.Path(Path.ChangeExtension(relative, ".safetensors")));
        foreach (var item in json.RootElement.GetProperty("tensors").EnumerateObject())
        {
            var tensor = file.Tensors[item.Name];
            Assert.Equal(item.Value.GetProperty("file_offset").GetInt64(), tensor.Offset);
            Assert.Equal(item.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), tensor.Shape);
            var numbers = new float[tensor.Elements];
            file.ReadFloat32(item.Name, numbers);
            Assert.Equal(SafetensorsFolderTests.Read(expected, item.Name), numbers);
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void A_model_is_its_source_checkpoint_under_other_names(string relative)
    {
        using var model = GgufModel.Open(ModelFixtures.Path(relative));
        using var source = SafetensorsFolder.Open(SourceOf(relative));
        var config = ConfigReader.Read(SourceOf(relative));
        Assert.Equal(ConfigReaderTests.Text(config with { RopeScaling = null }), ConfigReaderTests.Text(model.Config with { RopeScaling = null }));
        Assert.Equal(source.Shapes.Keys.Order(), model.Shapes.Keys.Order());
        foreach (var name in source.Shapes.Keys)
        {
            var (expected, numbers) = (SafetensorsFolderTests.Read(source, name), SafetensorsFolderTests.Read(model, name));
            var largest = expected.Max(Math.Abs);

            // Half a step: of 254 (Q8_0) or, from -largest to largest, 15 (Q4_1), and 2^-11 for scales rounded to fp16.
            var allowed = model.StoredType(name) switch { "F32" => 0, "Q8_0" => largest / 220, _ => largest / 14 };
            Assert.Equal(source.Shapes[name], model.Shapes[name]);
            Assert.All(expected.Zip(numbers), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, allowed));
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void Its_configuration_is_written_as_that_of_the_source(string relative)
    {
        using var model = GgufModel.Open(ModelFixtures.Path(relative));
        using var folder = new TestFolder();
        ConfigWriter.Write(folder.Path, model.Config, SafetensorsType.F32);
        var (expected, written) = (ConfigReader.Read(SourceOf(relative)), ConfigReader.Read(folder.Path));
        Assert.Equal(ConfigReaderTests.Text(expected), ConfigReaderTests.Text(written)); // rotary divisors lead back to their rule
    }

    [Fact]
    public void The_real_checkpoint_has_the_sums_of_the_reference()
    {
        var path = Directory.EnumerateFiles(FixtureRoot.RequireShared("models"), "*.gguf").Order(StringComparer.Ordinal).First();
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(FixtureRoot.Require("smollm2"), "weights.json")));
        using var model = GgufModel.Open(path);
        var weights = json.RootElement.GetProperty("weights");
        Assert.Equal(weights.EnumerateObject().Select(weight => weight.Name).Order(), model.Shapes.Keys.Order());
        foreach (var weight in weights.EnumerateObject())
        {
            var numbers = SafetensorsFolderTests.Read(model, weight.Name);
            var absolute = weight.Value.GetProperty("abs_sum").GetDouble();
            Assert.Equal(weight.Value.GetProperty("gguf_type").GetString(), model.StoredType(weight.Name));
            Assert.Equal(absolute, numbers.Sum(number => Math.Abs((double)number)), 1e-6 * absolute);
            Assert.Equal(weight.Value.GetProperty("sum").GetDouble(), numbers.Sum(number => (double)number), 1e-6 * absolute);
            Assert.Equal(weight.Value.GetProperty("first4").EnumerateArray().Select(number => number.GetSingle()), numbers.Take(4));
        }

        Assert.Equal(model.Config.VocabSize, model.Tokenizer.Tokens.Count);
        Assert.NotEmpty(model.Tokenizer.Merges);
        Assert.NotNull(model.Tokenizer.ChatTemplate);
    }

    internal static GgufType TypeOf(string relative) => Enum.Parse<GgufType>(Path.GetExtension(Path.GetFileNameWithoutExtension(relative))[1..]);

    internal static string SourceOf(string relative) =>
        Path.Combine(Path.GetDirectoryName(ModelFixtures.Path(relative))!, "..", Path.GetFileNameWithoutExtension(Path.GetFileNameWithoutExtension(relative)));

    private static string TypeName(object value) => value switch
    {
        byte => "uint8",
        sbyte => "int8",
        float => "float32",
        double => "float64",
        bool => "bool",
        string => "string",
        _ => value.GetType().Name.ToLowerInvariant(),
    };
}
