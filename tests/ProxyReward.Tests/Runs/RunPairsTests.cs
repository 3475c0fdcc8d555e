using ProxyReward.Pairs;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Runs;
using ProxyReward.Testing;

namespace ProxyReward.Tests.Runs;

public sealed class RunPairsTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly RunFolder run;

    public RunPairsTests()
    {
        run = new(folder["run"]);
        run.Write(Run.RecipeName, System.Text.Encoding.UTF8.GetBytes(RecipeFile.Write(new FakeLab(folder["lab"]).Recipe())));
        Jsonl.Write(run, "questions.jsonl", [new MetaQuestion("a", "fake", "About a?", []), new MetaQuestion("b", "fake", "About b?", [])]);
        for (var i = 1; i <= 2; i++)
        {
            Jsonl.Write(run, $"iteration-{i}/responses.jsonl", [Answer("a", 0, i), Answer("a", 1, i), Answer("b", 0, i), Answer("b", 1, i)]);
        }

        Jsonl.Write(run, "iteration-1/pairs.jsonl", [new PreferencePair("b", 1, 0, .9, .1), new PreferencePair("a", 0, 1, .5, .4)]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Pairs_come_with_the_texts_that_their_ids_stand_for() =>
        Assert.Equal([("About b?", "b1 of 1", "b0 of 1"), ("About a?", "a0 of 1", "a1 of 1")], Texts(null));

    [Fact]
    public void Without_an_iteration_those_of_all_come_in_order()
    {
        Jsonl.Write(run, "iteration-2/pairs.jsonl", [new PreferencePair("a", 1, 0, .9, .1)]);
        Assert.Equal(["b1 of 1", "a0 of 1", "a1 of 2"], Texts(null).Select(pair => pair.Chosen));
        Assert.Equal(["a1 of 2"], Texts(2).Select(pair => pair.Chosen));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(-1)]
    public void An_iteration_without_pairs_is_refused_by_number(int iteration) =>
        Assert.Contains($"has no pairs of iteration {iteration} yet", Error(iteration), StringComparison.Ordinal);

    [Fact]
    public void A_pair_of_what_is_not_there_is_refused_with_its_line()
    {
        Jsonl.Write(run, "iteration-1/pairs.jsonl", [new PreferencePair("a", 0, 1, .9, .1), new PreferencePair("a", 0, 2, .9, .1)]);
        Assert.Contains("iteration-1/pairs.jsonl:2: response 'a#2' is not in iteration-1/responses.jsonl", Error(1), StringComparison.Ordinal);
        Jsonl.Write(run, "iteration-1/pairs.jsonl", [new PreferencePair("c", 0, 1, .9, .1)]);
        Assert.Contains("iteration-1/pairs.jsonl:1: question 'c' is not in questions.jsonl", Error(1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run/iteration-1/pairs.jsonl", true)]
    [InlineData("run/controls/length/pairs.jsonl", true)]
    [InlineData("run/pairs.jsonl", false)]
    [InlineData("run/notes/pairs.jsonl", false)] // a recipe above it does not make it a run's
    [InlineData("run/iteration-1/exported/pairs.jsonl", false)]
    [InlineData("run/iteration-1/other.jsonl", false)]
    [InlineData("iteration-1/pairs.jsonl", false)]
    public void A_file_of_a_run_is_known_by_its_place(string path, bool expected) => Assert.Equal(expected, RunPairs.IsOfRun(folder[path]));

    private static Response Answer(string question, int index, int iteration) =>
        new(question, index, $"{question}{index} of {iteration}", [1], 1, false, "");

    private IEnumerable<(string Question, string Chosen, string Rejected)> Texts(int? iteration) =>
        RunPairs.Of(run, iteration).Select(pair => (pair.Question.Text, pair.Chosen.Text, pair.Rejected.Text));

    private string Error(int? iteration) => Assert.Throws<RequestException>(() => RunPairs.Of(run, iteration)).Message;
}
