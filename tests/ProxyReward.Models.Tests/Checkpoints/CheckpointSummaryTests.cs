using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class CheckpointSummaryTests
{
    private static readonly ModelConfig Small = new()
    {
        Family = "llama",
        VocabSize = 100,
        HiddenSize = 8,
        Layers = 2,
        Heads = 2,
        KeyValueHeads = 1,
        HeadDim = 4,
        IntermediateSize = 16,
        MaxPositions = 64,
        RmsNormEps = 1e-5,
        TieWordEmbeddings = true,
        RopeTheta = 10_000,
        AttentionScale = 0.5,
    };

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
        Assert.False(summary.HasChatTemplate);
    }

    [Fact]
    public void Memory_follows_the_formula_that_it_states()
    {
        // A layer: q 8·8, k and v 8·4 each, o 8·8, gate, up and down 8·16 each, two norms of 8: 592. Model: 100·8 + 2·592 + 8 = 1992.
        // Adapters of rank 2: 2·(16 + 12 + 12 + 16 + 3·24) = 256 a layer. 3 sequences of 10 tokens.
        // KV cache: 30·2·2·4·2 = 960. Activations: 30·2·(2·(32 + 16 + 8 + 48) + 16) = 13440. Logits: 30·100·4 = 12000, to sample 3·100·4 = 1200.
        Assert.Equal(1992, new ParameterLayout(Small).Size);
        Assert.Equal(
            new MemoryNeed(3984 + 960 + 1200, (18 * 1992) + 13440 + 12000, 3984 + (18 * 512) + 13440 + 12000),
            MemoryNeed.Of(Small, length: 10, batch: 3, loraRank: 2));
    }

    [Fact]
    public void The_real_checkpoint_is_what_its_README_says()
    {
        var path = Directory.EnumerateFiles(FixtureRoot.RequireShared("models"), "*.gguf").Order(StringComparer.Ordinal).First();
        using var checkpoint = Checkpoint.Open(path);
        var summary = CheckpointSummary.Of(checkpoint, 512, 4);
        Assert.Equal(["Q4_1", "Q8_0", "F32"], summary.Precision.Select(type => type.Type));
        Assert.Equal(134_515_008, summary.Parameters); // as published for SmolLM2-135M
        Assert.True(summary.HasTokenizer && summary.HasChatTemplate);
    }
}
