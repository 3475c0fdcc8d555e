using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// The log-probs of a batch now, their gradient once the loss is known. A head that is not trained is read once: how a log-prob changes with its hidden state does not depend on the loss.
/// </summary>
internal sealed class HeadPass : IDisposable
{
    private readonly LogitHead head;
    private readonly Tensor hidden;
    private readonly ScoredTokens scored;
    private readonly Gradients gradients;
    private readonly Tensor? slopes; // [scored, hidden], of a head that is not trained

    /// <param name="head">What predicts the tokens.</param>
    /// <param name="hidden">[rows, hidden], the caller's, until the pass is over</param>
    /// <param name="scored">Which tokens, and after which rows.</param>
    /// <param name="gradients">What is trained.</param>
    public HeadPass(LogitHead head, Tensor hidden, ScoredTokens scored, Gradients gradients)
    {
        (this.head, this.hidden, this.scored, this.gradients) = (head, hidden, scored, gradients);
        (LogProbs, slopes) = head.IsTrained(gradients) ? (head.LogProbs(hidden, scored), null) : head.LogProbsAndSlopes(hidden, scored);
    }

    /// <summary>[scored], in nats.</summary>
    public float[] LogProbs { get; }

    /// <summary>Adds to the gradient of the head where it is trained. Once only.</summary>
    /// <param name="dLogProb">Derivative of the loss by each log-prob.</param>
    /// <returns>The gradient of the hidden states, [rows, hidden]</returns>
    public Tensor Backward(float[] dLogProb) => slopes is null
        ? head.Backward(hidden, scored, dLogProb, gradients).DHidden
        : LogitHead.Backward(hidden, scored, slopes, dLogProb);

    /// <inheritdoc/>
    public void Dispose() => slopes?.Dispose();
}
