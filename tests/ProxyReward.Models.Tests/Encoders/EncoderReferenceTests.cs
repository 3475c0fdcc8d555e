using ProxyReward.Models.Encoders;
using static TorchSharp.torch;

namespace ProxyReward.Models.Tests.Encoders;

public sealed class EncoderReferenceTests
{
    private const double Tolerance = 2e-4; // the fixtures' README

    public static TheoryData<string> Classifiers => EncoderFixtures.Classifiers;

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Logits_and_hidden_states_of_a_padded_batch_equal_those_of_transformers(string name)
    {
        using var network = EncoderNetwork.Load(EncoderFixtures.Folder(name), ScalarType.Float32);
        var rows = EncoderFixtures.Rows(name);
        Assert.NotEmpty(rows);
        var (logits, hidden) = EncoderFixtures.Run(network, rows);
        AssertClose(EncoderFixtures.Expected(name, "logits"), logits);

        var (expected, width, length) = (EncoderFixtures.Expected(name, "last_hidden"), network.Config.HiddenSize, rows.Max(row => row.Ids.Count));
        for (var row = 0; row < rows.Count; row++)
        {
            var (from, count) = (row * length * width, rows[row].Ids.Count * width); // what lies behind is padding
            AssertClose(expected.AsSpan(from, count).ToArray(), hidden.AsSpan(from, count).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void A_row_gets_the_same_logits_alone_as_in_any_batch(string name)
    {
        using var network = EncoderNetwork.Load(EncoderFixtures.Folder(name), ScalarType.Float32);
        var rows = EncoderFixtures.Rows(name);
        var (expected, labels) = (EncoderFixtures.Expected(name, "logits"), network.Config.Labels.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            AssertClose(expected.AsSpan(row * labels, labels).ToArray(), EncoderFixtures.Run(network, [rows[row]]).Logits);
            var (turned, _) = EncoderFixtures.Run(network, [rows[(row + 1) % rows.Count], rows[row]]);
            AssertClose(expected.AsSpan(row * labels, labels).ToArray(), turned[labels..]);
        }
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Products_in_bf16_stay_near_those_in_fp32(string name)
    {
        using var network = EncoderNetwork.Load(EncoderFixtures.Folder(name), ScalarType.BFloat16);
        var logits = EncoderFixtures.Run(network, EncoderFixtures.Rows(name)).Logits;
        Assert.All(EncoderFixtures.Expected(name, "logits").Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 0.1));
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void What_a_row_is_filled_up_with_changes_nothing(string name)
    {
        using var network = EncoderNetwork.Load(EncoderFixtures.Folder(name), ScalarType.Float32);
        var rows = EncoderFixtures.Rows(name);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var other = new EncoderBatch(rows, padTokenId: 7);
        AssertClose(EncoderFixtures.Expected(name, "logits"), network.Logits(network.Hidden(other), other).data<float>().ToArray());
    }

    [Fact]
    public void Every_family_has_a_reference() =>
        Assert.Equal(
            ["deberta-v2", "modernbert", "roberta"],
            EncoderFixtures.Classifiers.Select(row => row.Data).Select(name => EncoderFamily.Open(EncoderFixtures.Folder(name)).Config.Family).Order(StringComparer.Ordinal));

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = expected.Zip(actual, (e, a) => Math.Abs((double)e - a)).Max();
        Assert.True(worst <= Tolerance, $"off by {worst:G3}");
    }
}
