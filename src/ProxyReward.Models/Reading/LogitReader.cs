using ProxyReward.Models.Chat;
using ProxyReward.Models.Policies;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;
using static TorchSharp.torch;

namespace ProxyReward.Models.Reading;

/// <summary>
/// A language model on this machine as reader: True, False or NotStated by the log-probs of the answer's first telling tokens, calibrated.
/// The response is read once, the statements against its keys and values in one pass. It does not quote. Thread-safe; texts wait for one another.
/// </summary>
public sealed class LogitReader : IReader, IDisposable
{
    // Tokens kept free for a statement and what frames it; a longer statement is refused.
    private const int StatementRoom = 128;

    private readonly EngineThread engine = new("logit reader");
    private readonly LocalModel model;
    private readonly ReadingForm form;
    private readonly ChoiceScorer scorer;

    private LogitReader(LocalModel model, ReadingForm form, LogitCalibration calibration)
    {
        (this.model, this.form, Calibration) = (model, form, calibration);
        scorer = new ChoiceScorer(model, form.Answers);
        Room = Math.Max(1, model.Network.Config.MaxPositions - form.Prefix(model, "").Count - StatementRoom);
    }

    /// <summary>Opens a Hugging Face folder or a GGUF.</summary>
    /// <param name="path">An instruction-tuned checkpoint.</param>
    /// <param name="form">How statements are put to it.</param>
    /// <param name="calibration">What its log-probs are worth; <see cref="LogitCalibration.None"/> takes them as they are.</param>
    /// <param name="computeType">Float32 or BFloat16; null: what is fastest here.</param>
    /// <param name="chat">What its chat template is told; null: nothing.</param>
    /// <exception cref="RequestException">There is none, or it cannot be asked.</exception>
    public static LogitReader Open(string path, ReadingForm form, LogitCalibration calibration, ScalarType? computeType = null, ChatTemplateOptions? chat = null) =>
        new(LocalModel.Open(path, computeType, chat), form, calibration);

    /// <inheritdoc/>
    public string Name => "logit";

    /// <inheritdoc/>
    public bool Quotes => false;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => false;

    /// <summary>What the log-probs are taken for; may be changed between readings.</summary>
    public LogitCalibration Calibration { get; set; }

    /// <summary>Tokens of a text that fit beside a statement.</summary>
    public int Room { get; }

    /// <summary>Tokens of a text.</summary>
    public int Count(string text) => model.Tokenizer.Encode(text, specialTokensAsText: true).Count;

    /// <inheritdoc/>
    /// <exception cref="RequestException">The text or a statement does not fit into the model's context.</exception>
    public async Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken) =>
        [.. (await ScoreAsync(question, text, cancellationToken).ConfigureAwait(false)).Zip(question.Proxies, (logProbs, proxy) => Calibration.Judge(proxy.Id, logProbs))];

    /// <summary>log p of the answers for True, False and NotStated, of each proxy question, before any calibration.</summary>
    /// <exception cref="RequestException">The text or a statement does not fit into the model's context.</exception>
    public Task<double[][]> ScoreAsync(MetaQuestion question, string text, CancellationToken cancellationToken) =>
        engine.RunAsync(() => Score(question, text), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        engine.Dispose();
        model.Dispose();
    }

    private double[][] Score(MetaQuestion question, string text)
    {
        var prefix = form.Prefix(model, text);
        var suffixes = question.Proxies.Select(proxy => form.Suffix(model, proxy.Statement)).ToList();
        var longest = suffixes.MaxBy(suffix => suffix.Count)!.Count + scorer.LongestStem;
        return prefix.Count + longest <= model.Network.Config.MaxPositions
            ? scorer.LogProbs(prefix, suffixes)
            : throw new RequestException(
                $"question '{question.Id}': a text of {prefix.Count} tokens and a statement of {longest} exceed the reader's {model.Network.Config.MaxPositions} positions. Shorten the statement, lower reading.window_tokens, or take a model with a longer context.");
    }
}
