using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Tests.Transformer;

/// <summary>The head in chunks against logits held whole, and its gradient against finite differences in fp64.</summary>
public sealed class LogitHeadTests
{
    private static readonly ModelConfig Config = TinyModel.Config;

    [Fact]
    public void Gradients_equal_finite_differences_in_double_precision()
    {
        using var model = new LanguageModel(Config, new Parameters(new ParameterLayout(Config), ScalarType.Float32));
        using var mode = no_grad(); // only now: making the parameters loads libtorch
        random.manual_seed(3);
        model.Parameters.Master.normal_(0, 0.5);
        using var hidden = randn(6, Config.HiddenSize);
        var scored = new ScoredTokens([4, 0, 0, 2, 5, 3, 2], [7, 1, 49, 30, 0, 7, 30]); // rows 0 and 2 twice, row 1 never
        float[] weights = [0.5f, -1, 2, 0.25f, 1, -0.5f, 3];
        model.Head.RowsAtOnce = 3; // the last chunk has one row
        using var gradients = new Gradients(model.Parameters.Layout);
        var (dHidden, logProbs) = model.Head.Backward(hidden, scored, weights, gradients);
        using var _ = dHidden;

        double[] h = [.. Rows.Floats(hidden).ToArray().Select(x => (double)x)], w = [.. model.Parameters.MasterOf("lm_head.weight").ToArray().Select(x => (double)x)];
        double Loss() => Enumerable.Range(0, weights.Length).Sum(i => weights[i] * LogProb(h, w, scored.Rows[i], scored.Targets[i]));
        for (var i = 0; i < weights.Length; i++)
        {
            Assert.Equal(LogProb(h, w, scored.Rows[i], scored.Targets[i]), logProbs[i], 1e-5);
        }

        Assert.Equal(logProbs, model.Head.LogProbs(hidden, scored));
        var (again, slopes) = model.Head.LogProbsAndSlopes(hidden, scored);
        using var fromSlopes = LogitHead.Backward(hidden, scored, slopes, weights);
        slopes.Dispose();
        Assert.Equal(logProbs, again);
        Assert.Equal(Rows.Floats(dHidden).ToArray(), Rows.Floats(fromSlopes).ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
        CompareSlopes(h, Rows.Floats(dHidden).ToArray(), Loss);
        CompareSlopes(w, gradients.Of("lm_head.weight").ToArray(), Loss);
    }

    [Fact]
    public void A_target_outside_the_vocabulary_is_refused_by_its_number()
    {
        using var model = new LanguageModel(Config, new Parameters(new ParameterLayout(Config), ScalarType.Float32));
        using var hidden = zeros(1, Config.HiddenSize);
        var error = Assert.Throws<RequestException>(() => model.Head.LogProbs(hidden, [Config.VocabSize]));
        Assert.Contains("token id 50 is outside the vocabulary of 50", error.Message, StringComparison.Ordinal);
    }

    private static double LogProb(double[] hidden, double[] head, int row, int target)
    {
        var logits = Enumerable.Range(0, Config.VocabSize)
            .Select(id => Enumerable.Range(0, Config.HiddenSize).Sum(j => hidden[(row * Config.HiddenSize) + j] * head[(id * Config.HiddenSize) + j])).ToArray();
        return logits[target] - Math.Log(logits.Sum(Math.Exp));
    }

    private static void CompareSlopes(double[] values, float[] slopes, Func<double> loss)
    {
        const double step = 1e-5;
        Assert.Equal(values.Length, slopes.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var kept = values[i];
            values[i] = kept + step;
            var above = loss();
            values[i] = kept - step;
            var below = loss();
            values[i] = kept;
            Assert.Equal((above - below) / (2 * step), slopes[i], 1e-5);
        }
    }
}
