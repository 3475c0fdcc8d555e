using ProxyReward.Models.Encoders;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Models.Reading;

/// <summary>
/// A local entailment or fact-checking classifier as reader. Each statement is judged against every window of the response; what decides is the
/// window in which its entailment, or its contradiction, is most probable: the larger of the two gives True or False if it reaches the threshold, and
/// that window is the quote; everything else, a tie included, is NotStated. A two-label checker knows no contradiction: the support of the
/// negated statement (<see cref="Negation.Of"/>) stands for it, and a statement that cannot be negated with certainty is never False. The
/// confidence is the deciding probability, of NotStated one minus the larger. Thread-safe: calls wait for one another.
/// </summary>
public sealed class EntailmentReader : IReader, IDisposable
{
    /// <summary>The room of a statement is rounded up to this, so that windows do not depend on which other statements are asked.</summary>
    private const int StatementStep = 32;

    private readonly EncoderClassifier classifier;
    private readonly EntailmentLabels labels;
    private readonly EntailmentOptions options;
    private readonly Lock oneAtATime = new();

    /// <param name="classifier">Who judges; disposed with this.</param>
    /// <param name="options">How.</param>
    /// <exception cref="RequestException">Its labels are not those of entailment, or the options are out of range.</exception>
    public EntailmentReader(EncoderClassifier classifier, EntailmentOptions options)
    {
        labels = EntailmentLabels.Of(classifier.Config.Labels, classifier.Path);
        if (!(options.Threshold is >= 0.5 and < 1))
        {
            throw new RequestException($"threshold: {options.Threshold} is not from 0.5 up to 1 (less than half would call a statement true that probably is not).");
        }

        var least = 4 * StatementStep;
        if (options.WindowTokens < least || classifier.Config.MaxTokens < least)
        {
            throw new RequestException($"window_tokens: {Math.Min(options.WindowTokens, classifier.Config.MaxTokens)} tokens leave no room for text beside a statement; {least} are the least.");
        }

        (this.classifier, this.options) = (classifier, options);
    }

    /// <inheritdoc/>
    public string Name => "entailment";

    /// <inheritdoc/>
    public bool Quotes => true;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => false;

    private int PairTokens => Math.Min(options.WindowTokens, classifier.Config.MaxTokens) - classifier.Pair.Overhead;

    /// <inheritdoc/>
    /// <exception cref="RequestException">A statement is so long that half of a window would not be left for the response.</exception>
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
        var windows = new ResponseWindows(text, classifier.Tokenizer);
        var claims = question.Proxies.Select(proxy => Claim.Of(proxy, this, windows)).ToList();
        var probabilities = classifier.Probabilities(
            [.. claims.SelectMany(claim => claim.Hypotheses.SelectMany(tokens => claim.Windows.Select(window => new EncodedPair(window.Tokens, tokens))))],
            cancellationToken);
        var (verdicts, at) = (new List<ProxyVerdict>(), 0);
        foreach (var (proxy, claim) in question.Proxies.Zip(claims))
        {
            var count = claim.Windows.Count;
            var entailed = Best(probabilities, at, count, labels.Entailed);
            var contradicted = labels.Contradicted is { } label ? Best(probabilities, at, count, label)
                : claim.Hypotheses.Count > 1 ? Best(probabilities, at + count, count, labels.Entailed)
                : (Probability: 0, Window: 0);
            at += count * claim.Hypotheses.Count;
            verdicts.Add(count == 0 ? new(proxy.Id, Verdict.NotStated) : Decide(proxy.Id, entailed, contradicted, claim, text));
        }

        return verdicts;
    }

    private ProxyVerdict Decide(string id, (double Probability, int Window) entailed, (double Probability, int Window) contradicted, Claim claim, string text)
    {
        var larger = Math.Max(entailed.Probability, contradicted.Probability);
        if (larger < options.Threshold || entailed.Probability == contradicted.Probability)
        {
            return new(id, Verdict.NotStated, Confidence: 1 - larger);
        }

        var (verdict, window) = entailed.Probability > contradicted.Probability ? (Verdict.True, entailed.Window) : (Verdict.False, contradicted.Window);
        return new(id, verdict, text[claim.Windows[window].Range], larger);
    }

    /// <summary>The window in which a label is most probable, the first of equals.</summary>
    private static (double Probability, int Window) Best(IReadOnlyList<double[]> probabilities, int from, int count, int label)
    {
        var best = (Probability: 0.0, Window: 0);
        for (var window = 0; window < count; window++)
        {
            var probability = probabilities[from + window][label];
            best = probability > best.Probability ? (probability, window) : best;
        }

        return best;
    }

    /// <summary>What is judged of one proxy question.</summary>
    /// <param name="Hypotheses">Tokens of the statement and, where it is needed and certain, of its negation.</param>
    /// <param name="Windows">What they are judged against.</param>
    private sealed record Claim(IReadOnlyList<IReadOnlyList<int>> Hypotheses, IReadOnlyList<ResponseWindow> Windows)
    {
        public static Claim Of(ProxyQuestion proxy, EntailmentReader reader, ResponseWindows windows)
        {
            var negated = reader.labels.Contradicted is null ? Negation.Of(proxy.Statement) : null;
            List<IReadOnlyList<int>> hypotheses = [.. new[] { proxy.Statement, negated }.OfType<string>()
                .Select(statement => reader.classifier.Tokenizer.Encode(statement, specialTokensAsText: true))];
            var longest = hypotheses.Max(tokens => tokens.Count);
            var room = reader.PairTokens - ((longest + StatementStep - 1) / StatementStep * StatementStep);
            return room >= reader.PairTokens / 2
                ? new Claim(hypotheses, windows.Of(room))
                : throw new RequestException($"proxy {proxy.Id}: its statement takes {longest} of the {reader.PairTokens} tokens that the entailment reader sees at once; shorten it.");
        }
    }
}
