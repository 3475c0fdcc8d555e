using ProxyReward.Models.Reading;
using ProxyReward.Models.Tests.Transformer;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Reading;

public sealed class SharedPrefixTests
{
    public static TheoryData<string> Checkpoints => ReferenceModel.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Continuations_of_a_shared_prefix_equal_those_that_are_read_one_by_one(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var model = reference.Model;
        int[] Ids(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => ((i * 37) + (seed * 101) + 5) % model.Config.VocabSize)];
        var prefix = Ids(71, 0);
        int[][] suffixes = [Ids(3, 1), Ids(40, 2), Ids(1, 3), Ids(9, 4)];

        var batch = new SharedPrefix(prefix, suffixes);
        using var attention = new SharedPrefixAttention(model.Config, batch);
        using var together = model.Forward(batch.Tokens, batch.Positions, (layer, qkv, attended) => attention.Forward(qkv, attended, model.WindowOf(layer)), tape: null);

        for (var i = 0; i < suffixes.Length; i++)
        {
            using var alone = model.Forward(new PackedBatch([[.. prefix, .. suffixes[i]]]));
            using var last = alone.narrow(0, prefix.Length + suffixes[i].Length - 1, 1);
            using var shared = together.narrow(0, batch.LastRows[i], 1);
            int[] targets = [0, 1, 7];
            Assert.All(
                targets.Select(target => (model.Head.LogProbs(last, [target])[0], model.Head.LogProbs(shared, [target])[0])),
                pair => Assert.Equal(pair.Item1, pair.Item2, 1e-3f));
        }
    }
}
