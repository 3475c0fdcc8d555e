using System.Text.Json;
using ProxyReward.Questions;

namespace ProxyReward.Tests.Questions;

public sealed class TwinsTests
{
    [Fact]
    public void A_twin_flips_the_answer_and_is_made_once()
    {
        var set = new MetaQuestion(
            "q", "d", "Write about Python.", [new("q-1", "Python was released in 1991.", true), new("q-2", "Guido created Python.", true)]);
        var twins = Twins.Of([set], proxy => Negation.Of(proxy.Statement));
        var proxies = Assert.Single(twins.Questions).Proxies;
        Assert.Equal(
            [("q-1", "Python was released in 1991.", true), ("q-1-not", "Python was not released in 1991.", false), ("q-2", "Guido created Python.", true)],
            proxies.Select(proxy => (proxy.Id, proxy.Statement, proxy.Answer)));
        Assert.Equal("q-1", Twins.TwinOf(proxies[1]));
        Assert.Equal(["q-2"], twins.Without);
        Assert.Equal(JsonSerializer.Serialize(twins.Questions, Json.Line), JsonSerializer.Serialize(Twins.Of(twins.Questions, _ => null).Questions, Json.Line));
    }

    [Theory]
    [InlineData("Rome was founded by Romulus.", "Rome was not founded by Romulus.")]
    [InlineData("Rome was not founded by Romulus.", "Rome was founded by Romulus.")]
    [InlineData("Snakes can fly.", "Snakes cannot fly.")]
    [InlineData("Snakes cannot fly.", "Snakes can fly.")]
    [InlineData("Rome isn't old.", "Rome is old.")]
    [InlineData("Rome has been sacked by Vandals.", "Rome has not been sacked by Vandals.")]
    [InlineData("Swimming does not train the heart.", "Swimming does train the heart.")]
    [InlineData("A team has eleven players.", null)]
    [InlineData("Civilians must pay a fee.", null)]
    [InlineData("Memory holds more than is fitted.", null)]
    [InlineData("Refactoring improves code without changing what it does.", null)]
    [InlineData("Did it rain?", null)]
    [InlineData("France has borders.", null)]
    [InlineData("Guido created Python.", null)]
    [InlineData("All birds are animals.", null)]
    [InlineData("The man who is tall was king.", null)]
    [InlineData("Rome is big and is old.", null)]
    [InlineData("This island is far away.", "This island is not far away.")]
    public void Negation_by_rule_goes_as_far_as_it_is_certain(string statement, string? expected) => Assert.Equal(expected, Negation.Of(statement));
}
