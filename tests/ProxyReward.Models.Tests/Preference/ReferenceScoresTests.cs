using ProxyReward.Models.Distributed;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Tests.Distributed;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Preference;

public sealed class ReferenceScoresTests : IDisposable
{
    private static readonly string Dpo = FixtureRoot.Require("dpo");
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly LanguageModel model = Open();
    private readonly PairBatch[] batches = [.. TrlVariant.PairsOf(Path.Combine(Dpo, "data", "pairs.jsonl")).Chunk(5).Select(pairs => new PairBatch(pairs))]; // 24 pairs: 5 batches
    private readonly List<(int Done, int All)> told = [];

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void What_was_scored_is_read_again_bit_for_bit_and_without_a_word()
    {
        var first = Of();
        Assert.Equal([(0, 24), (5, 24), (10, 24), (15, 24), (20, 24), (24, 24)], told);
        told.Clear();
        Assert.Equal(first, Of());
        Assert.Empty(told);
        Assert.Equal([.. ReferenceScores.Score(model, batches, Ranks.Single, TestContext.Current.CancellationToken)], first);
    }

    [Fact]
    public void What_was_interrupted_goes_on_where_it_was()
    {
        using var interrupt = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Of(done =>
        {
            if (done == 10)
            {
                interrupt.Cancel();
            }
        }, interrupt.Token));
        File.AppendAllText(Assert.Single(Directory.GetFiles(folder.Path)), "[-1.5,"); // a torn end
        told.Clear();
        Assert.Equal([.. ReferenceScores.Score(model, batches, Ranks.Single, TestContext.Current.CancellationToken)], Of());
        Assert.Equal([(10, 24), (15, 24), (20, 24), (24, 24)], told);
    }

    [Fact]
    public void Those_of_other_weights_or_batches_are_scored_anew_and_the_old_ones_removed()
    {
        var first = Of();
        model.Parameters.MasterOf("model.norm.weight")[0] += 0.5f;
        var second = Of();
        Assert.NotEqual(first, second);
        Assert.Equal(second[..4], Of(batches[..4]));
        Assert.Equal([(0, 24), (0, 24), (0, 20)], told.Where(told => told.Done == 0));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Ranks_are_told_what_the_first_one_has_kept()
    {
        var alone = Of();
        Assert.All(
            ThreadRanks.Run(3, ranks =>
            {
                using var own = Open();
                var others = new TemporaryFolder(inMemory: true); // only the first one sees the file
                var scores = new ReferenceScores(own, ranks.IsFirst ? folder.Path : others.Path, Pace(), ranks)
                    .Of(batches, (_, _) => throw new InvalidOperationException("scored again"), TestContext.Current.CancellationToken);
                others.Dispose();
                return scores;
            }),
            shared => Assert.Equal(alone, shared));
    }

    private double[][] Of(Action<int>? scored = null, CancellationToken? cancel = null) => Of(batches, scored, cancel);

    private double[][] Of(PairBatch[] some, Action<int>? scored = null, CancellationToken? cancel = null) => new ReferenceScores(model, folder.Path, Pace(), Ranks.Single).Of(
        some,
        (done, all) =>
        {
            told.Add((done, all));
            scored?.Invoke(done);
        },
        cancel ?? TestContext.Current.CancellationToken);

    private static SavePace Pace() => new(TimeSpan.FromHours(1), TimeProvider.System);

    private static LanguageModel Open() => TrlVariant.OpenModel(Directory.EnumerateDirectories(Path.Combine(Dpo, "models")).Order(StringComparer.Ordinal).First());
}
