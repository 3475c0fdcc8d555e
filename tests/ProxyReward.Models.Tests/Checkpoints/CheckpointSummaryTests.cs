using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class CheckpointSummaryTests
{
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
        Assert.True(summary.HasTokenizer && summary.HasChatTemplate);
    }
}
