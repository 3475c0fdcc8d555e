using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Tokenization;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class CheckpointTests
{
    [Theory, MemberData(nameof(GgufFixtureTests.Models), MemberType = typeof(GgufFixtureTests))]
    public void A_GGUF_made_into_a_folder_and_back_is_the_same(string relative)
    {
        using var original = Checkpoint.Open(ModelFixtures.Path(relative));
        using var folder = new TestFolder();
        original.SaveFolder(folder["model"], SafetensorsType.F32);
        using var converted = Checkpoint.Open(folder["model"]);
        AssertSameTensors(original.Tensors, converted.Tensors);
        Assert.Equal(original.ChatTemplate, converted.ChatTemplate);

        converted.SaveGguf(folder["model.gguf"], GgufType.F32);
        using var back = Checkpoint.Open(folder["model.gguf"]);
        AssertSameTensors(original.Tensors, back.Tensors);
        AssertSameTokenizer(original.GgufTokenizer!, back.GgufTokenizer!);
        Assert.Equal(ConfigReaderTests.Text(converted.Config with { RopeScaling = null }), ConfigReaderTests.Text(back.Config with { RopeScaling = null }));
    }

    [Theory, MemberData(nameof(GgufFixtureTests.WritableModels), MemberType = typeof(GgufFixtureTests))]
    public void A_GGUF_of_the_source_checkpoint_has_the_bytes_of_the_reference(string relative)
    {
        using var reference = GgufModel.Open(ModelFixtures.Path(relative));
        var kind = GgufFixtureTests.TypeOf(relative);
        using var folder = new TestFolder();
        using (var copy = Checkpoint.Open(ModelFixtures.Path(relative)))
        {
            copy.SaveFolder(folder["tokenizer"], SafetensorsType.F32);
        }

        using var source = Checkpoint.Open(GgufFixtureTests.SourceOf(relative));
        source.SaveFolder(folder["model"], SafetensorsType.F32);
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            File.Copy(Path.Combine(folder["tokenizer"], file), Path.Combine(folder["model"], file));
        }

        using var model = Checkpoint.Open(folder["model"]);
        model.SaveGguf(folder["model.gguf"], kind);
        AssertSameTokenizer(reference.Tokenizer, GgufModelOf(folder["model.gguf"]));
        AssertSameBytes(ModelFixtures.Path(relative), folder["model.gguf"]);
    }

    [Theory]
    [InlineData(GgufType.F16)]
    [InlineData(GgufType.BF16)]
    public void Sixteen_bits_in_a_GGUF_are_those_of_safetensors(GgufType type)
    {
        using var model = Checkpoint.Open(ModelFixtures.Path(GgufFixtureTests.WritableModels.First().Data));
        using var folder = new TestFolder();
        model.SaveGguf(folder["model.gguf"], type);
        model.SaveFolder(folder["model"], Enum.Parse<SafetensorsType>(type.ToString()));
        using var gguf = GgufModel.Open(folder["model.gguf"]);
        using var safetensors = SafetensorsFolder.Open(folder["model"]);
        foreach (var name in gguf.Shapes.Where(tensor => tensor.Value.Count == 2).Select(tensor => tensor.Key))
        {
            Assert.Equal(type.ToString(), gguf.StoredType(name));
            Assert.Equal(SafetensorsFolderTests.Read(safetensors, name), SafetensorsFolderTests.Read(gguf, name));
        }
    }

    [Fact]
    public void All_tokens_that_end_a_text_come_through_a_GGUF_or_none_is_lost_in_silence()
    {
        var pocket = Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket"), "model-*").Order(StringComparer.Ordinal).First();
        using var folder = new TestFolder();
        using var model = Checkpoint.Open(pocket);
        var own = model.Config.EosTokenIds[0];
        var config = model.Config with { EosTokenIds = [300, own, 301] }; // as Llama 3.1: the end of a text, of a turn and of a call
        GgufExport.Write(folder["model.gguf"], config, model.Tensors, TokenizerImport.Read(pocket, config), GgufType.F32);
        using var gguf = GgufModel.Open(folder["model.gguf"]);
        Assert.Equal([own, 300, 301], gguf.Config.EosTokenIds);
        Assert.Equal((own, 300, 301), (gguf.Tokenizer.EosTokenId, gguf.Tokenizer.EotTokenId, gguf.Tokenizer.EomTokenId));
        var error = Assert.Throws<RequestException>(() => TokenizerImport.Read(pocket, config with { EosTokenIds = [300, own, 301, 302] }));
        Assert.Contains("4 tokens end its texts", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_to_nothing_is_named()
    {
        using var folder = new TestFolder();
        Assert.Contains(folder.Path, Assert.Throws<RequestException>(() => Checkpoint.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    internal static void AssertSameTokenizer(GgufTokenizer expected, GgufTokenizer actual)
    {
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.TokenTypes, actual.TokenTypes);
        Assert.Equal(expected.Merges, actual.Merges);
        Assert.Equal((expected.Model, expected.Pre, expected.ChatTemplate), (actual.Model, actual.Pre, actual.ChatTemplate));
        Assert.Equal((expected.BosTokenId, expected.EosTokenId, expected.PaddingTokenId), (actual.BosTokenId, actual.EosTokenId, actual.PaddingTokenId));
        Assert.Equal(expected.AddBosToken ?? false, actual.AddBosToken);
    }

    private static GgufTokenizer GgufModelOf(string path)
    {
        using var model = GgufModel.Open(path);
        return model.Tokenizer;
    }

    private static void AssertSameTensors(ITensorSource expected, ITensorSource actual)
    {
        Assert.Equal(expected.Shapes.Keys.Order(), actual.Shapes.Keys.Order());
        Assert.All(expected.Shapes.Keys, name => Assert.Equal(SafetensorsFolderTests.Read(expected, name), SafetensorsFolderTests.Read(actual, name)));
    }

    // As stored: this holds names, the order of rows and the rounding of scales all at once.
    private static void AssertSameBytes(string expectedPath, string actualPath)
    {
        using var expected = GgufFile.Open(expectedPath);
        using var actual = GgufFile.Open(actualPath);
        var (expectedBytes, actualBytes) = (File.ReadAllBytes(expectedPath), File.ReadAllBytes(actualPath));
        Assert.Equal(expected.Tensors.Keys.Order(), actual.Tensors.Keys.Order());
        foreach (var (name, tensor) in expected.Tensors)
        {
            var written = actual.Tensors[name];
            Assert.Equal((name, tensor.Type, tensor.Bytes), (name, written.Type, written.Bytes));
            Assert.Equal(tensor.Shape, written.Shape);
            var same = expectedBytes.AsSpan((int)tensor.Offset, (int)tensor.Bytes).SequenceEqual(actualBytes.AsSpan((int)written.Offset, (int)written.Bytes));
            Assert.True(same, name);
        }
    }
}
