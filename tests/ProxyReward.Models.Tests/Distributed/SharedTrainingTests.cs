using ProxyReward.Models.Distributed;
using ProxyReward.Models.Optimization;
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
        Assert.Equal([2, 2], ThreadRanks.Run(2, ranks => Train(ranks, Other.Nothing).Steps));

    [Theory]
    [InlineData(Other.Weights)]
    [InlineData(Other.Pairs)]
    [InlineData(Other.State)]
    public void Ranks_that_have_not_read_the_same_are_refused(Other other) =>
        Assert.Contains(
            "have not read the same model, pairs and training state",
            Assert.Throws<InvalidOperationException>(() => ThreadRanks.Run(2, ranks => Train(ranks, other))).Message,
            StringComparison.Ordinal);

    /// <summary>What the second rank finds in place of what the first one does.</summary>
    public enum Other
    {
        /// <summary>All is the same.</summary>
        Nothing,

        /// <summary>One weight of the model.</summary>
        Weights,

        /// <summary>One token of a pair; there are as many pairs of as many tokens.</summary>
        Pairs,

        /// <summary>A state after the first step.</summary>
        State,
    }

    private TrainingResult Train(Ranks ranks, Other other)
    {
        other = ranks.IsFirst ? Other.Nothing : other;
        var own = Directory.CreateDirectory(folder[$"{ranks.Rank}"]).FullName;
        var model = LocalModel.Open(Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket")).Order(StringComparer.Ordinal).First(), torch.ScalarType.Float32);
        using var policy = new LocalPolicy(model, TimeSpan.MaxValue, ranks);
        var weights = model.Network.Parameters;
        if (other == Other.Weights)
        {
            weights.MasterOf(ParameterLayout.Embedding)[7] += 1e-3f;
        }
        else if (other == Other.State)
        {
            using var optimizer = new AdamW(weights, 0.9, 0.999, 1e-8, 0) { Steps = 1 };
            TrainingState.Save(Path.Combine(own, "state.safetensors"), weights, optimizer);
        }

        var last = other == Other.Pairs ? "4" : "3";
        ChatExample[] pairs = [.. Enumerable.Range(0, 4).Select(i => new ChatExample($"p:{i}", [new("user", "Who?")], [new("assistant", i < 3 ? $"{i}" : last)], [new("assistant", "nobody")]))];
        var options = new DpoOptions { BatchSize = 1, GradientAccumulation = 2, Epochs = 1 };
        return policy.Train(new TrainingData(pairs), options, own, new Silent(), TestContext.Current.CancellationToken);
    }

    private sealed class Silent : ITrainingObserver
    {
        public void Scoring(int pairsDone, int pairs)
        {
            // Nobody watches a test.
        }

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
