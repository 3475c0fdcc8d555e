using ProxyReward.Models.Distributed;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Distributed;

/// <summary>A whole training of a pocket model by threads in place of processes.</summary>
public sealed class SharedTrainingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Ranks_that_have_read_the_same_train_to_the_end() =>
        Assert.Equal([2, 2], ThreadRanks.Run(2, ranks => Train(ranks, otherWeights: false, otherPairs: false).Steps));

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)] // as many pairs of as many tokens
    public void Ranks_that_have_read_other_weights_or_pairs_are_refused_before_anything_is_added_up(bool otherWeights, bool otherPairs) =>
        Assert.Contains(
            "have not read the same model, pairs and training state",
            Assert.Throws<InvalidOperationException>(() => ThreadRanks.Run(2, ranks => Train(ranks, otherWeights, otherPairs))).Message,
            StringComparison.Ordinal);

    private TrainingResult Train(Ranks ranks, bool otherWeights, bool otherPairs)
    {
        var model = LocalModel.Open(Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket")).Order(StringComparer.Ordinal).First(), torch.ScalarType.Float32);
        using var policy = new LocalPolicy(model, TimeSpan.MaxValue, ranks);
        if (otherWeights && !ranks.IsFirst)
        {
            model.Network.Parameters.MasterOf(ParameterLayout.Embedding)[7] += 1e-3f;
        }

        var last = otherPairs && !ranks.IsFirst ? "4" : "3";
        ChatExample[] pairs = [.. Enumerable.Range(0, 4).Select(i => new ChatExample($"p:{i}", [new("user", "Who?")], [new("assistant", i < 3 ? $"{i}" : last)], [new("assistant", "nobody")]))];
        var options = new DpoOptions { BatchSize = 1, GradientAccumulation = 2, Epochs = 1 };
        return policy.Train(new TrainingData(pairs), options, folder[$"{ranks.Rank}"], new Silent(), TestContext.Current.CancellationToken);
    }

    private sealed class Silent : ITrainingObserver
    {
        public void Begin(TrainingOutline outline)
        {
            // Nobody watches a test.
        }

        public void Stepped(TrainingStep step)
        {
            // Nobody watches a test.
        }

        public void Scored(DevScore score)
        {
            // Nobody watches a test.
        }
    }
}
