using ProxyReward.Models.Reading;

namespace ProxyReward.Models.Tests.Reading;

public sealed class EntailmentLabelsTests
{
    [Theory]
    [InlineData("entailment,neutral,contradiction", 0, 2)]
    [InlineData("CONTRADICTION,NEUTRAL,ENTAILMENT", 2, 0)]
    [InlineData("contradiction,entailment,neutral", 1, 0)]
    [InlineData("SUPPORTS,REFUTES,NOT ENOUGH INFO", 0, 1)]
    [InlineData("entailment,not_entailment", 0, null)]
    [InlineData("not-entailment,entailment", 1, null)]
    [InlineData("Unsupported,Supported", 1, null)]
    public void The_order_is_read_from_the_names(string labels, int entailed, int? contradicted) =>
        Assert.Equal(new EntailmentLabels(entailed, contradicted), EntailmentLabels.Of(labels.Split(','), "here"));

    [Theory]
    [InlineData("LABEL_0,LABEL_1", "look it up on the model's page and write it into config.json")]
    [InlineData("LABEL_0,LABEL_1,LABEL_2", "look it up on the model's page")]
    [InlineData("positive,negative", "wanted are entailment, neutral and contradiction")]
    [InlineData("entailment,contradiction", "wanted are")]
    [InlineData("entailment,supported", "wanted are")]
    [InlineData("entailment,neutral,neutral", "wanted are")]
    [InlineData("entailment,neutral,contradiction,other", "wanted are")]
    [InlineData("entailment", "wanted are")]
    public void Names_that_do_not_say_it_are_refused_with_a_mend(string labels, string expected)
    {
        var error = Assert.Throws<RequestException>(() => EntailmentLabels.Of(labels.Split(','), "here"));
        Assert.StartsWith($"here: its labels are {labels.Replace(",", ", ")}; ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
