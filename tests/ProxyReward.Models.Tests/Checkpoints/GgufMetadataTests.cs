using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Gguf;

namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>Files of others whose metadata is written otherwise than ours, or cannot be used.</summary>
public sealed class GgufMetadataTests
{
    // A reference model of the architecture that Llama and Mistral share.
    private static readonly string Model = GgufFixtureTests.Models.Select(row => row.Data)
        .FirstOrDefault(relative => relative.Length > 0 && GgufFixtureTests.TypeOf(relative) == GgufType.F32 && Architecture(relative) == "llama") ?? "";

    [Fact]
    public void A_rotary_base_that_is_a_whole_number_is_one()
    {
        using var folder = new TestFolder();
        Write(folder["model.gguf"], ("llama.rope.freq_base", 10_000u));
        using var model = Checkpoint.Open(folder["model.gguf"]);
        Assert.Equal(10_000, model.Config.RopeTheta);
    }

    public static TheoryData<string, object, string> Refused => new()
    {
        { "split.count", 3u, "is one of 3 pieces of a model, which are not read; join them" },
        { "tokenizer.ggml.eos_token_id", 99_999u, "tokenizer.ggml.eos_token_id must be from 0 to " },
        { "tokenizer.ggml.padding_token_id", 99_999u, "tokenizer.ggml.padding_token_id must be from 0 to " },
        { "llama.attention.head_count", new[] { 4u, 4u }, "llama.attention.head_count must be a whole number, not an array of 2." },
        { "llama.rope.freq_base", 0u, "llama.rope.freq_base must be a number above 0, not 0." },
        { "general.architecture", 7u, "general.architecture must be text, not 7." },
    };

    [Theory, MemberData(nameof(Refused))]
    public void What_cannot_be_used_is_named(string key, object value, string message)
    {
        using var folder = new TestFolder();
        Write(folder["model.gguf"], (key, value));
        var error = Assert.Throws<RequestException>(() => Checkpoint.Open(folder["model.gguf"])).Message;
        Assert.StartsWith(folder["model.gguf"], error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_is_missing_sends_nobody_to_fetch_a_config_json()
    {
        using var folder = new TestFolder();
        Write(folder["model.gguf"], except: "blk.0.attn_q.weight");
        var error = Assert.Throws<RequestException>(() => Checkpoint.Open(folder["model.gguf"])).Message;
        Assert.Contains("model.layers.0.self_attn.q_proj.weight is missing. Fetch the file again", error, StringComparison.Ordinal);
        Assert.DoesNotContain("config.json", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_under_both_names_is_refused()
    {
        using var folder = new TestFolder();
        Write(folder["model.gguf"], twice: ("token_embd.weight", "model.embed_tokens.weight"));
        Assert.Contains("holds both ", Assert.Throws<RequestException>(() => Checkpoint.Open(folder["model.gguf"])).Message, StringComparison.Ordinal);
    }

    // The reference model again, with one thing changed.
    private static void Write(string path, (string Key, object Value)? change = null, string? except = null, (string Name, string Again)? twice = null)
    {
        using var file = GgufFile.Open(ModelFixtures.Path(Model));
        var metadata = new Dictionary<string, object>(file.Metadata, StringComparer.Ordinal);
        if (change is { } changed)
        {
            metadata[changed.Key] = changed.Value;
        }

        GgufTensorToWrite Tensor(string from, string name) =>
            new(new TensorToWrite(name, file.Tensors[from].Shape, span => file.ReadFloat32(from, span)), GgufType.F32);
        var tensors = file.Tensors.Keys.Where(name => name != except).Select(name => Tensor(name, name)).ToList();
        if (twice is { } both)
        {
            tensors.Add(Tensor(both.Name, both.Again));
        }

        GgufWriter.Write(path, [.. metadata.Select(pair => (pair.Key, pair.Value))], tensors);
    }

    private static string Architecture(string relative)
    {
        using var file = GgufFile.Open(ModelFixtures.Path(relative));
        return (string)file.Metadata["general.architecture"];
    }
}
