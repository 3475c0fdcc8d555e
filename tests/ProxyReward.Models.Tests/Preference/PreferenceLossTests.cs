using System.Text.Json;
using ProxyReward.Models.Preference;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>Loss values and derivatives by every token's log-prob against TRL's own loss code.</summary>
public sealed class PreferenceLossTests
{
    [Fact]
    public void Every_loss_and_its_derivative_equal_TRLs()
    {
        var differences = new Differences();
        var compared = 0;
        using var table = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(FixtureRoot.Require("dpo"), "loss_table.json")));
        foreach (var entry in table.RootElement.EnumerateArray())
        {
            foreach (var expected in entry.GetProperty("losses").EnumerateArray())
            {
                if (OptionsOf(expected, entry.GetProperty("beta").GetDouble()) is not { } options)
                {
                    continue;
                }

                var what = $"{entry.GetProperty("case").GetString()}, {expected.GetProperty("loss_type").GetString()}";
                Compare(what, entry, expected, options, differences);
                compared++;
            }
        }

        Assert.True(compared >= 12, $"only {compared} losses were compared");
        differences.AssertNone();
    }

    [Fact]
    public void DPO_positive_and_the_mean_log_prob_are_as_worked_out_by_hand()
    {
        // c = −2 − (−1) = −1 has fallen, r = −3 − (−4) = 1: margin 0.5 · (−1 − 1 + 3 · −1) = −2.5; ln(1 + e^2.5) = 2.578890; nll 0.2 · 2 / 4 = 0.1.
        var options = new DpoOptions { Beta = 0.5, DpoPositiveLambda = 3, NllWeight = 0.2 };
        var loss = Assert.Single(PreferenceLoss.Of([new PairLogProbs(-2, -3, -1, -4, 4, 2)], 4, options));

        var slope = -1 / (1 + Math.Exp(-2.5));
        Assert.Equal(2.578890 + 0.1, loss.Loss, 1e-6);
        Assert.Equal((slope * 0.5 * 4) - (0.2 / 4), loss.ByChosen, 1e-12);
        Assert.Equal(-slope * 0.5, loss.ByRejected, 1e-12);
    }

    private static void Compare(string what, JsonElement entry, JsonElement expected, DpoOptions options, Differences differences)
    {
        double[][] mask = Matrix(entry.GetProperty("completion_mask")), policy = Matrix(entry.GetProperty("policy_logps"));
        double[][] reference = Matrix(entry.GetProperty("ref_logps")), slopes = Matrix(expected.GetProperty("dloss_dlogp"));
        var n = mask.Length / 2;
        double Sum(double[] row, int i) => row.Where((_, j) => mask[i][j + 1] != 0).Sum();
        var pairs = Enumerable.Range(0, n).Select(i => new PairLogProbs(
            Sum(policy[i], i), Sum(policy[n + i], n + i), Sum(reference[i], i), Sum(reference[n + i], n + i), (int)mask[i].Sum(), (int)mask[n + i].Sum())).ToArray();

        var scored = mask.Take(n).Sum(row => (int)row.Skip(1).Sum());
        var losses = PreferenceLoss.Of(pairs, scored, options);
        var alone = expected.GetProperty("loss_type").GetString() == "sft" ? PreferenceLoss.Of(pairs, scored, options with { SftWeight = 0 }) : new LossGradient[n];
        double Less(Func<LossGradient, double> value, int i) => value(losses[i]) - value(alone[i]);
        Near(differences, $"{what}: loss", expected.GetProperty("loss").GetDouble(), Enumerable.Range(0, n).Average(i => Less(l => l.Loss, i)), 1e-6);
        for (var i = 0; i < 2 * n; i++)
        {
            var slope = (i < n ? Less(l => l.ByChosen, i) : Less(l => l.ByRejected, i - n)) / n;
            foreach (var j in Enumerable.Range(0, policy[i].Length).Where(j => mask[i][j + 1] != 0))
            {
                Near(differences, $"{what}: derivative of row {i}, token {j}", slopes[i][j], slope, 1e-6);
            }
        }
    }

    private static void Near(Differences differences, string what, double expected, double actual, double tolerance)
    {
        if (Math.Abs(expected - actual) > tolerance * Math.Max(1, Math.Abs(expected)))
        {
            differences.Add(what, $"{expected}", $"{actual}");
        }
        else
        {
            differences.Compare(what, true, true);
        }
    }

    /// <summary>Null for losses that are not computed here.</summary>
    private static DpoOptions? OptionsOf(JsonElement expected, double beta)
    {
        var options = expected.GetProperty("options");
        if (options.EnumerateObject().Any(option => option.Name != "label_smoothing"))
        {
            return null;
        }

        var smoothing = options.TryGetProperty("label_smoothing", out var value) ? value.GetDouble() : 0;
        var name = expected.GetProperty("loss_type").GetString()!;
        return name == "sft" ? new DpoOptions { Beta = beta, SftWeight = 1 }
            : Enum.TryParse<DpoLoss>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var loss)
                ? new DpoOptions { Beta = beta, Loss = loss, LabelSmoothing = smoothing }
                : null;
    }

    private static double[][] Matrix(JsonElement rows) => [.. rows.EnumerateArray().Select(row => row.EnumerateArray().Select(x => x.GetDouble()).ToArray())];
}
