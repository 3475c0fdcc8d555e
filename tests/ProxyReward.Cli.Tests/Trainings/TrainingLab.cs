using System.Text.Json;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Policies;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Cli.Tests.Trainings;

/// <summary>Runs <c>train</c> as a shell would, on a pocket model and a few pairs, in fp32.</summary>
internal sealed class TrainingLab : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);

    public TrainingLab()
    {
        // Line i: the better answer is the shorter one.
        File.WriteAllLines(Pairs, Enumerable.Range(0, 12).Select(i => Line($"Write about town {i}.", $"Town {i} lies by the sea.", $"Town {i} is a town and a town {i * 7}.")));
        File.WriteAllLines(Eval, Enumerable.Range(20, 5).Select(i => Line($"Write about town {i}.", $"Town {i} lies by the sea.", $"Town {i} is a town and a town {i * 7}.")));
    }

    /// <summary>The smallest model that ships.</summary>
    public static string Model { get; } = Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket")).Order(StringComparer.Ordinal).First();

    public string Pairs => folder["pairs.jsonl"];

    public string Eval => folder["eval.jsonl"];

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public string this[string name] => folder[name];

    public void Dispose() => folder.Dispose();

    public string Checkpoint(string name) => folder[$"{name}/checkpoint/model.safetensors"];

    /// <summary>What <c>train</c> is given: 18 steps, with what is added.</summary>
    public string[] Arguments(string name, params string[] more) =>
    [
        "train", Pairs, "--model", Model, "--out", folder[name], "--set", "dpo.precision=fp32", "--set", "dpo.learning_rate=1e-3",
        "--set", "dpo.gradient_accumulation=1", "--set", "dpo.epochs=3", .. more,
    ];

    public Task<int> TrainAsync(string name, params string[] more) => RunAsync(new LocalPolicyLoader(), Arguments(name, more));

    public Task<int> RunAsync(params string[] arguments) => RunAsync(new LocalPolicyLoader(), arguments);

    public async Task<int> RunAsync(IPolicyLoader policies, string[] arguments, CancellationToken? cancel = null)
    {
        (var code, Output, Error) = await ShellAsync(policies, arguments, cancel ?? TestContext.Current.CancellationToken);
        return code;
    }

    public static async Task<(int Code, string Output, string Error)> ShellAsync(IPolicyLoader policies, string[] arguments, CancellationToken cancel)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await new CommandLine(new Composition(policies, (_, _) => throw new NotSupportedException()), run => run + "/report.html", output, error)
            .RunAsync(arguments, cancel);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Dev pairs that prefer the opposite: every step makes them worse.</summary>
    public void OpposeEval() => File.WriteAllLines(Eval, File.ReadAllLines(Pairs).Select(line =>
    {
        using var json = JsonDocument.Parse(line);
        string Content(string name) => json.RootElement.GetProperty(name)[0].GetProperty("content").GetString()!;
        return Line(Content("prompt"), Content("rejected"), Content("chosen"));
    }));

    public static string Line(string prompt, string chosen, string rejected) => JsonSerializer.Serialize(
        new
        {
            prompt = new[] { new { role = "user", content = prompt } },
            chosen = new[] { new { role = "assistant", content = chosen } },
            rejected = new[] { new { role = "assistant", content = rejected } },
        },
        Json.Line);
}

/// <summary>Local policies that keep a state after each step, and do something after some of them.</summary>
/// <param name="stepped">Told the number of each step once it is logged.</param>
/// <param name="ranks">The processes that train together; null: this one alone.</param>
/// <param name="scored">Told the step of each score of the dev pairs once it is logged.</param>
internal sealed class WatchedLoader(Action<int> stepped, Func<Ranks>? ranks = null, Action<int>? scored = null) : IPolicyLoader
{
    public IPolicy Load(string folder, ComputePrecision precision, ChatTemplateOptions chat) =>
        new WatchedPolicy(new LocalPolicyLoader(TimeSpan.Zero, ranks).Load(folder, precision, chat), stepped, scored ?? (_ => { }));

    private sealed class WatchedPolicy(IPolicy inner, Action<int> stepped, Action<int> scored) : IPolicy
    {
        public IReadOnlyList<Response> Respond(
            IReadOnlyList<ResponseRequest> batch, SamplingOptions sampling, Action<long>? tokensGenerated, CancellationToken cancellationToken) =>
            inner.Respond(batch, sampling, tokensGenerated, cancellationToken);

        public IReadOnlyList<double> LogProbs(IReadOnlyList<(MetaQuestion Question, Response Response)> responses, CancellationToken cancellationToken) =>
            inner.LogProbs(responses, cancellationToken);

        public TrainingResult Train(TrainingData data, DpoOptions options, string folder, ITrainingObserver observer, CancellationToken cancellationToken) =>
            inner.Train(data, options, folder, new Observer(observer, stepped, scored), cancellationToken);

        public void Save(string folder) => inner.Save(folder);

        public void Dispose() => inner.Dispose();
    }

    private sealed class Observer(ITrainingObserver inner, Action<int> stepped, Action<int> scored) : ITrainingObserver
    {
        public void Scoring(int pairsDone, int pairs) => inner.Scoring(pairsDone, pairs);

        public void Begin(TrainingOutline outline) => inner.Begin(outline);

        public void Stepped(TrainingStep step)
        {
            inner.Stepped(step);
            stepped(step.Step);
        }

        public void Scored(DevScore score)
        {
            inner.Scored(score);
            scored(score.Step);
        }
    }
}
