using System.Globalization;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Training;

namespace ProxyReward.Testing;

/// <summary>
/// A policy with one weight: the share of proxies that its responses state at temperature 0.8; colder it states more. Training moves it towards the longer or the shorter of
/// the chosen and rejected responses, step by step, with a state on disk after each step.
/// </summary>
public sealed class FakePolicy : IPolicy
{
    private readonly Action? beforeWrite;
    private double coverage;

    internal FakePolicy(string folder, Action? beforeWrite)
    {
        coverage = double.Parse(File.ReadAllText(Path.Combine(folder, "config.json")), CultureInfo.InvariantCulture);
        this.beforeWrite = beforeWrite;
    }

    /// <summary>Makes a model folder.</summary>
    public static void Create(string folder, double coverage)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), coverage.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Response> Respond(
        IReadOnlyList<ResponseRequest> batch, SamplingOptions sampling, Action<long>? tokensGenerated, CancellationToken cancellationToken) =>
        [.. batch.Select(request => Write(request, sampling, Draws.Of(0, [.. batch.Select(r => r.ResponseId)]).Below(1000)))];

    /// <inheritdoc/>
    public IReadOnlyList<double> LogProbs(IReadOnlyList<(MetaQuestion Question, Response Response)> responses, CancellationToken cancellationToken) =>
        [.. responses.Select(r => -r.Response.TokenIds.Count * (2 - coverage))];

    /// <inheritdoc/>
    public TrainingResult Train(TrainingData data, DpoOptions options, string folder, ITrainingObserver observer, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var pairs = data.Pairs;
        var state = Path.Combine(folder, "state.txt");
        var done = 0;
        if (File.Exists(state))
        {
            var kept = File.ReadAllText(state).Split(' ');
            (done, coverage) = (int.Parse(kept[0], CultureInfo.InvariantCulture), double.Parse(kept[1], CultureInfo.InvariantCulture));
        }

        var steps = (pairs.Count + options.BatchSize - 1) / options.BatchSize;
        observer.Begin(new(steps, done, []));
        foreach (var (step, group) in pairs.Chunk(options.BatchSize).Index().Skip(done))
        {
            cancellationToken.ThrowIfCancellationRequested();
            coverage = Math.Clamp(coverage + (0.05 * Math.Sign(group.Sum(p => p.ChosenText.Length - p.RejectedText.Length))), 0, 1);
            observer.Stepped(StepOf(step + 1, pairs.Count, options));
            beforeWrite?.Invoke();
            File.WriteAllText(state + ".partial", FormattableString.Invariant($"{step + 1} {coverage:R}"));
            File.Move(state + ".partial", state, overwrite: true);
        }

        return new(steps, pairs.Count, 0);
    }

    /// <inheritdoc/>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        beforeWrite?.Invoke();
        Create(folder, coverage);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Holds nothing.
    }

    private static TrainingStep StepOf(int step, int pairs, DpoOptions options) => new()
    {
        Step = step,
        Epoch = Math.Min(1, (double)step * options.BatchSize / pairs),
        Loss = step == 1 ? Math.Log(2) : 0.6 / step,
        GradNorm = 1,
        LearningRate = options.LearningRate,
        RewardsChosen = 0.1 * (step - 1),
        RewardsRejected = -0.2 * (step - 1),
        RewardsAccuracies = step == 1 ? 0 : 1,
        RewardsMargins = 0.3 * (step - 1),
        LogpsChosen = -40 + step,
        LogpsRejected = -40 - step,
        NumTokens = 100 * step,
    };

    // As rounding does in a real model, the batch leaves its mark: whoever redoes part of a batch gets other tokens.
    private Response Write(ResponseRequest request, SamplingOptions sampling, int mark)
    {
        var draws = request.Draws();
        var sentences = request.Question.Proxies
            .Where(_ => draws.Uniform() < coverage + (0.8 - sampling.Temperature))
            .Select(proxy => $"{proxy.Id} {(draws.Uniform() < 0.9 ? "holds" : "fails")}.")
            .ToList();
        var length = Math.Min(2 * sentences.Count, sampling.MaxNewTokens);
        return new(
            request.Question.Id, request.Index, string.Join(' ', sentences), [.. Enumerable.Range(mark, length)], length,
            draws.Uniform() < 0.05, string.Join(' ', sentences.Take(2)));
    }
}

/// <summary>Opens <see cref="FakePolicy"/> folders.</summary>
/// <param name="beforeWrite">Told before the policy writes a file of its own.</param>
public sealed class FakePolicyLoader(Action? beforeWrite = null) : IPolicyLoader
{
    /// <inheritdoc/>
    public IPolicy Load(string folder, ComputePrecision precision, ChatTemplateOptions chat) => new FakePolicy(folder, beforeWrite);
}
