using CsCheck;
using ProxyReward.Questions.Likeness;

namespace ProxyReward.Tests.Questions.Likeness;

public sealed class LikenessTests
{
    [Theory]
    [InlineData("Rome, it's 1,000.5 km² away!", "rome|it's|1000.5|km|away")]
    [InlineData("U.S. 3.", "u|s|3")]
    [InlineData("", "")]
    [InlineData("東京 is Tokyo", "東|京|is|tokyo")]
    [InlineData("a'", "a")]
    public void Words_are_runs_of_letters_and_digits(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Words.Of(text)));

    [Fact]
    public void Likeness_is_the_jaccard_index_over_words_and_neighbours()
    {
        // {rome, capital, italy, rome capital, capital italy} and {rome, capital, spain, rome capital, capital spain}: 3 common of 7.
        var a = Features.Of("Rome is the capital of Italy.");
        var b = Features.Of("Rome is the capital of Spain.");
        Assert.Equal(3.0 / 7, a.Jaccard(b), 12);
        Assert.Equal(1, a.Jaccard(Features.Of("rome, the CAPITAL of italy")));
        Assert.Equal(0, a.Jaccard(Features.Of("")));
        Assert.Equal(0, Features.Of("").Jaccard(Features.Of("the")));
    }

    // The filter must lose nothing: compare with comparing all with all.
    [Fact]
    public void Every_pair_above_the_threshold_is_found_and_no_other()
    {
        var word = Gen.Int[0, 9].Select(i => $"w{i}");
        Gen.Select(word.Array[0, 8].Array[0, 25], Gen.Double[0.05, 1]).Sample((texts, threshold) =>
        {
            var features = texts.Select(words => Features.Of(string.Join(' ', words))).ToList();
            var expected = Enumerable.Range(0, features.Count)
                .SelectMany(second => Enumerable.Range(0, second).Select(first => (first, second)))
                .Where(pair => features[pair.first].Jaccard(features[pair.second]) >= threshold);
            Assert.Equal(expected, NearDuplicates.Of(features, threshold).Select(pair => (pair.First, pair.Second)));
        }, iter: 500);
    }
}
