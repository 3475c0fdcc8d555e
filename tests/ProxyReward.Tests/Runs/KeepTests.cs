using System.Text.Json;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Runs;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Tests.Runs;

/// <summary>keep: best_on_dev. In the fake world the reward "random" says nothing, so that an iteration can lose.</summary>
public sealed class KeepTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_iteration_that_loses_on_the_dev_questions_is_rolled_back()
    {
        // Seeds differ in what the random reward prefers: some iteration among them loses.
        var (rolledBack, kept) = (0, 0);
        for (var seed = 0; seed < 6; seed++)
        {
            var summary = await RunAsync($"run-{seed}", $"seed={seed}", "reward=random", "controls=[]", "iterations=3", "keep=best_on_dev", "questions.dev=dev.jsonl");
            var start = "base";
            for (var iteration = 1; iteration <= 3; iteration++)
            {
                using var choice = JsonDocument.Parse(File.ReadAllBytes(folder[$"run-{seed}/iteration-{iteration}/dev.json"]));
                var loses = choice.RootElement.GetProperty("accuracy").GetDouble() < choice.RootElement.GetProperty("start_accuracy").GetDouble();
                Assert.Equal(loses ? start : $"iteration {iteration}", choice.RootElement.GetProperty("kept").GetString());
                Assert.Equal(loses, summary.Signatures.Any(s => s.Name == "rolled_back" && s.Detail.StartsWith($"iteration {iteration}:", StringComparison.Ordinal)));
                start = loses ? start : $"iteration {iteration}";
                if (iteration < 3)
                {
                    AssertWrittenBy(start == "base" ? folder["lab/model"] : folder[$"run-{seed}/{start.Replace(' ', '-')}/checkpoint"], seed, iteration + 1);
                }

                _ = loses ? rolledBack++ : kept++;
            }
        }

        Assert.True(rolledBack > 0 && kept > 0, $"{rolledBack} rolled back, {kept} kept: the test saw one of the two only");
    }

    [Fact]
    public async Task Without_the_key_the_last_model_is_kept_and_no_dev_question_is_asked()
    {
        await RunAsync("run", "iterations=2", "questions.dev=dev.jsonl");
        Assert.False(Path.Exists(folder["run/iteration-1/dev.json"]) || Path.Exists(folder["run/iteration-1/dev"]));
    }

    [Fact]
    public void Best_on_dev_needs_dev_questions() =>
        Assert.Contains("'keep': best_on_dev chooses by the dev questions, and there are none", Assert.Throws<RequestException>(() => new FakeLab(folder["lab"]).Recipe("keep=best_on_dev")).Message, StringComparison.Ordinal);

    // What the next iteration learns from is what the model that was kept writes.
    private void AssertWrittenBy(string model, int seed, int iteration)
    {
        using var policy = new FakePolicyLoader().Load(model, ComputePrecision.Auto, new());
        var requests = Enumerable.Range(0, 3).Select(i => new ResponseRequest(FakeLab.Questions("train", 1)[0], i, seed, $"respond-{iteration}")).ToList();
        var expected = policy.Respond(requests, new ResponseOptions { MaxNewTokens = 40 }.Sampling(.8), null, TestContext.Current.CancellationToken);
        var there = Jsonl.Read<Response>(new RunFolder(folder[$"run-{seed}"]), $"iteration-{iteration}/responses.jsonl").Take(3);
        Assert.Equal(expected.Select(response => response.Text), there.Select(response => response.Text));
    }

    private async Task<RunSummary> RunAsync(string name, params string[] overrides)
    {
        var lab = new FakeLab(folder["lab"]);
        var parts = lab.Parts();
        parts = parts with { Questions = () => new QuestionSplits(FakeLab.Questions("train", 2), FakeLab.Questions("dev", 3), FakeLab.Questions("held", 2)) };
        using var run = Run.Open(lab.Recipe(overrides), parts, new RunFolder(folder[name]), new SilentProgress());
        await foreach (var done in new IterationRunner(run).RunAsync(TestContext.Current.CancellationToken))
        {
            Assert.NotNull(done);
        }

        return JsonFile.Read<RunSummary>(new RunFolder(folder[name]), RunSummary.FileName);
    }
}
