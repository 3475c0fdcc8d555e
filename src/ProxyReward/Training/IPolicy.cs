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

    /// <summary>
    /// Trains by DPO. The reference is the policy as it stands at the call; after it the policy holds the new weights.
    /// Called again on the same start weights with the same arguments it goes on where <paramref name="folder"/> says it was,
    /// and ends with the same weights as if it had never stopped.
    /// </summary>
    /// <param name="pairs">What is trained on; the order of an epoch is drawn from <see cref="DpoOptions.Seed"/>.</param>
    /// <param name="options">Loss, optimizer and schedule.</param>
    /// <param name="folder">Where the resumable state is kept; made if absent, removed by the caller.</param>
    /// <param name="onStep">
    /// Told about each optimizer step before a state that includes it is kept, so that whoever logs steps never misses one.
    /// After a resume the first steps may be told again, with the same numbers.
    /// </param>
    /// <param name="cancellationToken">Stops between steps, resumable.</param>
    /// <exception cref="RequestException">A pair cannot be trained on, or nothing is left to train on; says which and why.</exception>
    TrainingResult Train(
        IReadOnlyList<TrainingPair> pairs,
        DpoOptions options,
        string folder,
        Action<TrainingStep> onStep,
        CancellationToken cancellationToken);

    /// <summary>Saves the model as a Hugging Face folder with fp32 weights. The folder is new; the caller publishes it whole.</summary>
    void Save(string folder);
}

/// <summary>Opens policies.</summary>
public interface IPolicyLoader
{
    /// <summary>Loads a Hugging Face folder.</summary>
    /// <exception cref="RequestException">There is no such folder, or it holds no model that is understood.</exception>
    IPolicy Load(string folder);
}
