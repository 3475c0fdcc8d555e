using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Tests.Transformer;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class ConfigWriterTests
{
    [Theory, MemberData(nameof(ModelFixtures.Folders), MemberType = typeof(ModelFixtures))]
    public void A_configuration_that_is_written_reads_back_equal(string relative)
    {
        var config = ConfigReader.Read(ModelFixtures.Path(relative));
        using var folder = new TestFolder();
        ConfigWriter.Write(folder.Path, config, SafetensorsType.F32);
        Assert.Equal(ConfigReaderTests.Text(config), ConfigReaderTests.Text(ConfigReader.Read(folder.Path)));
    }

    [Theory, MemberData(nameof(ModelFixtures.TwiceSpelledFolders), MemberType = typeof(ModelFixtures))]
    public void Every_key_of_the_older_spelling_is_written_with_its_value(string relative)
    {
        var reference = ModelFixtures.Path(relative);
        using var folder = new TestFolder();
        ConfigWriter.Write(folder.Path, ConfigReader.Read(reference), SafetensorsType.F32);
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(reference, "config.legacy.json")));
        using var written = JsonDocument.Parse(File.ReadAllBytes(folder["config.json"]));

        // Of a window that is switched off nothing is kept.
        string[] exempt = ["transformers_version", "sliding_window", "max_window_layers", "rope_scaling"];
        foreach (var key in expected.RootElement.EnumerateObject().Where(key => !exempt.Contains(key.Name)))
        {
            Assert.True(written.RootElement.TryGetProperty(key.Name, out var value), key.Name);
            Assert.True(JsonElement.DeepEquals(key.Value, value), $"{key.Name}: {key.Value} became {value}");
        }

        if (expected.RootElement.TryGetProperty("rope_scaling", out var scaling) && scaling.ValueKind == JsonValueKind.Object)
        {
            var kept = written.RootElement.GetProperty("rope_scaling");
            Assert.All(scaling.EnumerateObject(), key => Assert.True(JsonElement.DeepEquals(key.Value, kept.GetProperty(key.Name)), key.Name));
        }
    }

    [Fact]
    public void Divisors_that_follow_no_rule_are_refused()
    {
        using var folder = new TestFolder();
        var config = TinyModel.Config with { RopeScaling = new RopeScaling(RopeScalingKind.Divisors) { Divisors = [1, 7, 2, 3] } };
        Assert.Contains("rope_freqs.weight", Assert.Throws<RequestException>(() => ConfigWriter.Write(folder.Path, config, SafetensorsType.F32)).Message, StringComparison.Ordinal);
    }
}
