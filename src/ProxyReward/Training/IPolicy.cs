using ProxyReward.Questions;
using ProxyReward.Responses;

namespace ProxyReward.Training;

/// <summary>
/// A language model that can be trained. One user at a time; calls block until the work is done.
/// The same weights, requests and batches give the same bytes on the same kind of machine and thread count.
/// </summary>
public interface IPolicy : IDisposable
{
    /// <summary>Writes one batch of the fixed plan.</summary>
    /// <param name="batch">Requests of one batch; what is asked together may share work, never random numbers.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    /// <param name="tokensGenerated">Told now and then how many tokens were generated since it was last told; null: nobody asks.</param>
    /// <param name="cancellationToken">Stops between tokens; the batch is then written by nobody.</param>
    /// <returns>One response per request, in order.</returns>
    IReadOnlyList<Response> Respond(
        IReadOnlyList<ResponseRequest> batch,
        SamplingOptions sampling,
        Action<long>? tokensGenerated,
        CancellationToken cancellationToken);

    /// <summary>How likely the policy finds responses, its end token included where it was generated.</summary>
    /// <param name="responses">Responses with the questions they answer; their tokens are the policy's, or those of a model with the same tokenizer.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The summed log-prob of each, in nats.</returns>
    IReadOnlyList<double> LogProbs(IReadOnlyList<(MetaQuestion Question, Response Response)> responses, CancellationToken cancellationToken);

    /// <summary>
    /// Trains by DPO. The reference is the policy as it stands at the call; after it the policy holds the weights that are kept.
    /// Called again on the same start weights with the same arguments it goes on where <paramref name="folder"/> says it was,
    /// and ends with the same weights as if it had never stopped.
    /// </summary>
    /// <param name="data">What it is trained on.</param>
    /// <param name="options">Loss, optimizer and schedule.</param>
    /// <param name="folder">Where the resumable state is kept; made if absent, removed by the caller.</param>
    /// <param name="observer">Is told of each step.</param>
    /// <param name="cancellationToken">Stops between steps, resumable.</param>
    /// <exception cref="RequestException">Nothing is left to train on, or the model cannot be trained as asked; says why.</exception>
    TrainingResult Train(TrainingData data, DpoOptions options, string folder, ITrainingObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// Saves the model as a Hugging Face folder with fp32 weights, an adapter that was trained merged into them and beside them in the
    /// folder "adapter". The folder is new; the caller publishes it whole.
    /// </summary>
    void Save(string folder);
}

/// <summary>Opens policies.</summary>
public interface IPolicyLoader
{
    /// <summary>Loads a Hugging Face folder.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="precision">Type of its matrix products.</param>
    /// <param name="chat">What its chat template is told.</param>
    /// <exception cref="RequestException">There is no such folder, it holds no model that is understood, or its template does not look at what it is told.</exception>
    IPolicy Load(string folder, ComputePrecision precision, ChatTemplateOptions chat);

    /// <summary>The folders and files that a model is read from: an adapter needs its base as well.</summary>
    /// <exception cref="RequestException">One of them is not there.</exception>
    IReadOnlyList<string> PathsOf(string model) => [model];
}

/// <summary>Type of the matrix products. Weights are kept in fp32 in both; what is rounded is the copy that products use.</summary>
public enum ComputePrecision
{
    /// <summary>bf16 where the processor multiplies it in hardware, fp32 elsewhere.</summary>
    Auto,

    /// <summary>32 bits.</summary>
    Fp32,

    /// <summary>16 bits with the exponent of 32.</summary>
    Bf16,
}
