using ProxyReward.Models.Encoders;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Models.Reading;

/// <summary>
/// A local entailment or fact-checking classifier as reader. Each statement is judged against every window of the response. If its entailment
/// reaches the threshold in some window, and its contradiction in none, it is True; the other way round False; the window with the largest
/// probability is the quote, that probability the confidence (of NotStated: one minus the larger). Everything else is NotStated, and so is a statement that one window
/// entails and another contradicts. A two-label checker knows no contradiction: the support of the negated statement (<see cref="Negation.Of"/>)
/// stands for it, and a statement that cannot be negated with certainty is never False. Thread-safe: calls wait for one another.
/// </summary>
public sealed class EntailmentReader : IReader, IDisposable
{
    /// <summary>The room of a statement is rounded up to this, so that windows hardly depend on it, and never on the other statements.</summary>
    private const int StatementStep = 32;

    private const int LeastPair = 4 * StatementStep;

    private readonly EncoderClassifier classifier;
    private readonly EntailmentLabels labels;
    private readonly EntailmentOptions options;
    private readonly int pairTokens;
    private readonly Lock oneAtATime = new();

    /// <param name="classifier">Who judges; disposed with this.</param>
    /// <param name="options">How.</param>
    /// <exception cref="RequestException">Its labels are not those of entailment, or the options are out of range.</exception>
    public EntailmentReader(EncoderClassifier classifier, EntailmentOptions options)
    {
        (this.classifier, this.options) = (classifier, options);
        labels = EntailmentLabels.Of(classifier.Config.Labels, classifier.Path);
        var most = classifier.Config.MaxTokens;
        pairTokens = (options.WindowTokens > 0 ? most : Math.Min(most, EntailmentOptions.DefaultPairTokens)) - classifier.Pair.Overhead;
        if (options.Threshold is not (>= 0.5 and < 1))
        {
            throw new RequestException($"threshold: {options.Threshold} is not from 0.5 up to 1; below it a statement would be true that more probably is not.");
        }

        if (most < LeastPair || options.WindowTokens > pairTokens - StatementStep)
        {
            throw new RequestException(
                $"window_tokens: {classifier.Path} takes {most} tokens at once, statement and marks included: {(most < LeastPair ? $"{LeastPair} are the least that this reader needs" : $"at most {pairTokens - StatementStep} are left for text")}.");
        }
    }

    /// <inheritdoc/>
    public string Name => "entailment";

    /// <inheritdoc/>
    public bool Quotes => true;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => false;

    /// <inheritdoc/>
    /// <exception cref="RequestException">A statement is so long that not half of a window would be left for the response.</exception>
    public Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (oneAtATime)
        {
            return Task.FromResult<IReadOnlyList<ProxyVerdict>>(Read(question, text, cancellationToken));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => classifier.Dispose();

    private List<ProxyVerdict> Read(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        var windows = new ResponseWindows(text, classifier.Tokenizer, options.Overlap);
        var claims = question.Proxies.Select(proxy => ClaimOf(proxy, windows)).ToList();
        var probabilities = classifier.Probabilities([.. claims.SelectMany(claim => claim.Pairs)], cancellationToken);
        var (verdicts, at) = (new List<ProxyVerdict>(), 0);
        foreach (var claim in claims)
        {
            var count = claim.Windows.Count;
            var entailed = Largest(at, labels.Entailed);
            var contradicted = labels.Contradicted is { } label ? Largest(at, label)
                : claim.Hypotheses.Count > 1 ? Largest(at + count, labels.Entailed)
                : new(0, null);
            at += count * claim.Hypotheses.Count;
            verdicts.Add(count == 0 ? new(claim.ProxyId, Verdict.NotStated) : Decide(claim.ProxyId, entailed, contradicted));

            Finding Largest(int from, int label) => Enumerable.Range(0, count)
                .Select(window => new Finding(probabilities[from + window][label], claim.Windows[window].Text)).MaxBy(finding => finding.Probability) ?? new(0, null);
        }

        return verdicts;
    }

    private ProxyVerdict Decide(string id, Finding entailed, Finding contradicted) =>
        (entailed.Probability >= options.Threshold, contradicted.Probability >= options.Threshold) switch
        {
            (true, false) => new(id, Verdict.True, entailed.Window, entailed.Probability),
            (false, true) => new(id, Verdict.False, contradicted.Window, contradicted.Probability),
            (true, true) => new(id, Verdict.NotStated), // the response contradicts itself
            _ => new(id, Verdict.NotStated, Confidence: 1 - Math.Max(entailed.Probability, contradicted.Probability)),
        };

    private Claim ClaimOf(ProxyQuestion proxy, ResponseWindows windows)
    {
        var negated = labels.Contradicted is null ? Negation.Of(proxy.Statement) : null;
        List<IReadOnlyList<int>> hypotheses = [.. new[] { proxy.Statement, negated }.OfType<string>()
            .Select(statement => classifier.Tokenizer.Encode(statement, specialTokensAsText: true))];
        var longest = hypotheses.Max(tokens => tokens.Count);
        var room = pairTokens - ((longest + StatementStep - 1) / StatementStep * StatementStep);
        return room >= pairTokens / 2
            ? new Claim(proxy.Id, hypotheses, windows.Of(options.WindowTokens > 0 ? Math.Min(room, options.WindowTokens) : room))
            : throw new RequestException($"proxy {proxy.Id}: its statement takes {longest} of the {pairTokens} tokens that the entailment reader sees at once; shorten it.");
    }

    /// <summary>The largest probability among the windows, and the window.</summary>
    private sealed record Finding(double Probability, string? Window);

    /// <summary>What is judged of one proxy question.</summary>
    /// <param name="Hypotheses">Tokens of the statement and, where it is needed and certain, of its negation.</param>
    /// <param name="Windows">What they are judged against.</param>
    private sealed record Claim(string ProxyId, IReadOnlyList<IReadOnlyList<int>> Hypotheses, IReadOnlyList<ResponseWindow> Windows)
    {
        public IEnumerable<EncodedPair> Pairs => Hypotheses.SelectMany(tokens => Windows.Select(window => new EncodedPair(window.Tokens, tokens)));
    }
}
