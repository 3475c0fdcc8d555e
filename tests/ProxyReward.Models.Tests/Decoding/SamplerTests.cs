using ProxyReward.Models.Decoding;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Native;
using static TorchSharp.torch;

namespace ProxyReward.Models.Tests.Decoding;

public sealed class SamplerTests
{
    private const int Vocabulary = 1300; // two and a half of the strides in which it is searched

    [Fact]
    public void The_token_is_the_first_at_which_the_cumulated_probability_exceeds_the_random_number()
    {
        var likely = new Dictionary<int, double> { [3] = .1, [511] = .2, [512] = .3, [1024] = .15, [1299] = .25 };
        var draws = Draws.Of(0, "sampler");
        var drawn = DrawMany(likely, draws, 400);

        var seen = new HashSet<int>();
        for (var i = 0; i < drawn.Count; i++)
        {
            var cumulated = 0.0;
            var expected = likely.First(token => (cumulated += token.Value) > draws.UniformAt(i)).Key;
            Assert.Equal(expected, drawn[i]);
            seen.Add(expected);
        }

        Assert.Equal(likely.Count, seen.Count);
    }

    private static List<int> DrawMany(Dictionary<int, double> probabilities, Draws draws, int count)
    {
        NativeEngine.Load();
        using var logits = full(1, Vocabulary, float.NegativeInfinity);
        foreach (var (id, probability) in probabilities)
        {
            new Rows(logits).InPlace(0)[id] = (float)Math.Log(probability);
        }

        var sampler = new Sampler(new Warpers(), Vocabulary);
        var row = new GeneratedRow(new GenerationRequest([1], draws));
        for (var i = 0; i < count; i++)
        {
            sampler.Draw([row], new Rows(logits));
        }

        return row.Tokens;
    }
}
