namespace ProxyReward.Training;

/// <summary>What a policy is trained on.</summary>
/// <param name="Pairs">What is learnt; the order of an epoch is drawn from <see cref="DpoOptions.Seed"/>.</param>
public sealed record TrainingData(IReadOnlyList<TrainingExample> Pairs)
{
    /// <summary>Pairs that are scored during the training and never learnt; empty: none are.</summary>
    public IReadOnlyList<TrainingExample> Dev { get; init; } = [];

    /// <summary>What is done with the scores of <see cref="Dev"/>.</summary>
    public DevOptions DevOptions { get; init; } = new();

    /// <summary>The scores that an earlier process told of this training, in order.</summary>
    public IReadOnlyList<DevScore> DevScores { get; init; } = [];
}

/// <summary>Is told of a training while it goes on.</summary>
public interface ITrainingObserver
{
    /// <summary>
    /// The log-probs of the reference are being scored, before anything else; told when that begins and as it goes on. Not told where an earlier process did it.
    /// </summary>
    /// <param name="pairsDone">Pairs that are done.</param>
    /// <param name="pairs">All of them, those of the dev set among them.</param>
    void Scoring(int pairsDone, int pairs);

    /// <summary>What is about to be done; told once, before the first step.</summary>
    void Begin(TrainingOutline outline);

    /// <summary>
    /// An optimizer step, told before a state that includes it is kept, so that whoever logs steps never misses one.
    /// After a resume the first steps may be told again, with the same numbers.
    /// </summary>
    void Stepped(TrainingStep step);

    /// <summary>The dev pairs were scored; told like a step, and after the step it follows.
    /// Where the best weights are kept, those that it speaks of are.</summary>
    void Scored(DevScore score);
}
