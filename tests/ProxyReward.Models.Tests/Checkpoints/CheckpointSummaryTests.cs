using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Tokenization;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class CheckpointSummaryTests
{
    private static readonly Dictionary<string, string> Splittings =
        new(StringComparer.Ordinal) { ["smollm"] = "as SmolLM2 does", ["qwen"] = "as Qwen2 does", ["llama"] = "as Llama 3 does" };

    [Theory, MemberData(nameof(ModelFixtures.Folders), MemberType = typeof(ModelFixtures))]
    public void Parameters_are_what_the_index_counts(string relative)
    {
        var folder = ModelFixtures.Path(relative);
        using var checkpoint = Checkpoint.Open(folder);
        var summary = CheckpointSummary.Of(checkpoint, 64, 1);
        var index = Path.Combine(folder, "model.safetensors.index.json");
        if (File.Exists(index))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(index));
            Assert.Equal(json.RootElement.GetProperty("metadata").GetProperty("total_parameters").GetInt64(), summary.Parameters);
        }

        Assert.Equal(summary.Parameters, checkpoint.Tensors.Shapes.Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size)));
        Assert.Equal(summary.Parameters, Assert.Single(summary.Precision).Parameters);
        Assert.Equal("there is no chat template", summary.Text.NoChat);
    }

    [Fact]
    public void What_does_not_fit_comes_with_what_makes_it_fit()
    {
        using var checkpoint = Checkpoint.Open(Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket")).Order(StringComparer.Ordinal).First());
        var plenty = CheckpointSummary.Of(checkpoint, 512, 64, long.MaxValue);
        Assert.Empty(plenty.SamplingMends.Concat(plenty.TrainingMends));
        var tight = CheckpointSummary.Of(checkpoint, 512, 64, plenty.Training.Peak - 1);
        Assert.Equal(
            ["dpo.activation_checkpointing: true", "dpo.batch_size: 16 and dpo.gradient_accumulation: 2", "dpo.lora.r: 16", "dpo.max_length: 384, longer pairs left out"],
            tight.TrainingMends.Select(mend => mend.Settings));
        Assert.All(tight.TrainingMends, mend => Assert.InRange(mend.Peak, plenty.Training.Runtime, plenty.Training.Peak - 1));
        Assert.Equal("responses.batch: 63", CheckpointSummary.Of(checkpoint, 512, 64, plenty.Sampling.Peak - 1).SamplingMends[0].Settings);
    }

    [Fact]
    public void The_real_checkpoint_is_what_its_README_says()
    {
        var path = Directory.EnumerateFiles(FixtureRoot.RequireShared("models"), "*.gguf").Order(StringComparer.Ordinal).First();
        using var checkpoint = Checkpoint.Open(path);
        var summary = CheckpointSummary.Of(checkpoint, 512, 4);
        Assert.Equal(["Q4_1", "Q8_0", "F32"], summary.Precision.Select(type => type.Type));
        Assert.Equal(134_515_008, summary.Parameters); // as published for SmolLM2-135M
        Assert.Equal(new TokenizerSummary("byte-level BPE", 49_152, 17, "as SmolLM2 does"), summary.Text.Tokenizer);
        Assert.Equal(new SpecialToken(1, "<|im_start|>"), summary.Text.Bos);
        Assert.Equal([new SpecialToken(2, "<|im_end|>")], summary.Text.Stops);
        Assert.Equal(new SpecialToken(2, "<|im_end|>"), summary.Text.Eos);
        Assert.Equal(checkpoint.ChatTemplate!.Length, summary.Text.ChatTemplate);
        Assert.Null(summary.Text.NoChat);
    }

    [Theory, MemberData(nameof(Tokenizers))]
    public void Splitting_goes_by_the_name_of_the_family_that_the_fixture_is_of(string name)
    {
        var file = Path.Combine(FixtureRoot.Require("tokenizers"), name, "tokenizer.json.gz");
        using var json = new MemoryStream();
        using (var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress))
        {
            packed.CopyTo(json);
        }

        Assert.Equal(Splittings[FamilyOf(name)], TokenizerSummary.Of(Tokenizer.Parse(json.ToArray(), file)).Splitting);
    }

    public static TheoryData<string> Tokenizers() => FixtureRoot.Find("tokenizers") is { } root
        ? [.. Directory.EnumerateFiles(root, "tokenizer.json.gz", SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(file)!))
            .Where(name => Splittings.ContainsKey(FamilyOf(name))).Order(StringComparer.Ordinal)]
        : [];

    private static string FamilyOf(string name) => new([.. name.TakeWhile(char.IsLetter)]);

    [Theory]
    [InlineData("tokenizer.json", """{"model":{}}""", "there is no array model.merges", "was not tried without a tokenizer")]
    [InlineData("tokenizer.json", null, "has no tokenizer.json", "was not tried without a tokenizer")]
    [InlineData("tokenizer_config.json", """{"chat_template":"{% for %}"}""", null, ":1:")]
    [InlineData("tokenizer_config.json", """{"chat_template":"{{ raise_exception('a system turn is missing') }}"}""", null, "refuses the chat: a system turn is missing")]
    [InlineData("tokenizer_config.json", """{"chat_template":"{{ messages | absent }}"}""", null, "absent")]
    [InlineData("tokenizer_config.json", "{}", null, "there is no chat template")]
    [InlineData("tokenizer_config.json", "{", null, "not valid JSON")]
    public void A_tokenizer_or_template_that_cannot_be_used_comes_with_the_reason_and_the_rest(string name, string? text, string? noTokenizer, string noChat)
    {
        using var folder = PocketCopy();
        File.Delete(folder[name]);
        if (text is not null)
        {
            File.WriteAllText(folder[name], text);
        }

        using var checkpoint = Checkpoint.Open(folder.Path);
        var summary = CheckpointSummary.Of(checkpoint, 64, 1);
        Assert.True(summary.Parameters > 0);
        Assert.Equal(noTokenizer is null, summary.Text.Tokenizer is not null);
        Assert.Contains(noTokenizer ?? "", summary.Text.NoTokenizer ?? "", StringComparison.Ordinal);
        Assert.Contains(noChat, summary.Text.NoChat, StringComparison.Ordinal);
    }

    [Fact]
    public void A_GGUF_with_an_unknown_splitting_and_fewer_rows_than_tokens_says_so()
    {
        using var folder = new TestFolder();
        using var pocket = Checkpoint.Open(Pocket);
        var tokenizer = TokenizerImport.Read(Pocket, pocket.Config);
        GgufExport.Write(folder["model.gguf"], pocket.Config, pocket.Tensors, tokenizer with { Pre = "of-tomorrow" }, GgufType.F32);
        GgufExport.Write(folder["more.gguf"], pocket.Config, pocket.Tensors, tokenizer with { Tokens = [.. tokenizer.Tokens, "more"], TokenTypes = [.. tokenizer.TokenTypes, 1] }, GgufType.F32);
        using var unknown = Checkpoint.Open(folder["model.gguf"]);
        using var more = Checkpoint.Open(folder["more.gguf"]);
        Assert.Contains("tokenizer.ggml.pre = 'of-tomorrow' is not supported", TextSummary.Of(unknown).NoTokenizer, StringComparison.Ordinal);
        Assert.Contains($"its tokenizer has {pocket.Config.VocabSize + 1} ids, the model only {pocket.Config.VocabSize}", TextSummary.Of(more).NoTokenizer, StringComparison.Ordinal);
    }

    [Fact]
    public void Added_tokens_beyond_the_rows_make_no_other_tokenizer_and_a_text_with_one_is_refused()
    {
        using var folder = PocketCopy();
        var path = folder["tokenizer.json"];
        var json = JsonNode.Parse(File.ReadAllBytes(path))!;
        using var before = Checkpoint.Open(Pocket);
        var image = json["added_tokens"]![0]!.DeepClone();
        (image["id"], image["content"]) = (before.Config.VocabSize, "<image>");
        json["added_tokens"]!.AsArray().Add(image);
        File.WriteAllText(path, json.ToJsonString());
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(before.Config.VocabSize + 1, TextSummary.Of(checkpoint).Tokenizer!.Ids);
        Assert.Null(TextSummary.Of(checkpoint).NoTokenizer);
        var error = Assert.Throws<RequestException>(() => Tokenizer.Load(path).Encode("an <image>").ForEach(checkpoint.Config.RequireToken));
        Assert.Contains($"token id {before.Config.VocabSize} is outside the vocabulary", error.Message, StringComparison.Ordinal);
    }

    private static TestFolder PocketCopy()
    {
        var folder = new TestFolder();
        foreach (var file in Directory.EnumerateFiles(Pocket))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        return folder;
    }

    private static string Pocket => Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket"), "model-*").Order(StringComparer.Ordinal).First();
}
