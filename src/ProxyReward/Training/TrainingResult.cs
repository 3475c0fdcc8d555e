namespace ProxyReward.Training;

/// <summary>What a training did. One file, training.json.</summary>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="PairsTrained">Pairs an epoch went through.</param>
/// <param name="PairsDropped">Pairs that could not be trained on; <see cref="Drops"/> says why.</param>
public sealed record TrainingResult(int Steps, int PairsTrained, int PairsDropped)
{
    /// <summary>Why pairs were dropped; the dev set's are not counted here.</summary>
    public IReadOnlyList<PairDrop> Drops { get; init; } = [];

    /// <summary>Dev pairs that were scored during the training.</summary>
    public int DevPairs { get; init; }

    /// <summary>The step whose weights are kept: the last one, or the best on the dev set (0: the weights it began with).</summary>
    public int KeptStep { get; init; }

    /// <summary>Type of the matrix products, fp32 or bf16; masters, moments and gradients are fp32 in both.</summary>
    public string? Precision { get; init; }

    /// <summary>Parameters that were trained: all of the model's, or those of its adapter.</summary>
    public long TrainedParameters { get; init; }
}

/// <summary>Pairs that could not be trained on for one reason.</summary>
/// <param name="Reason">Stable, for programs.</param>
/// <param name="Pairs">How many.</param>
/// <param name="First">The first of them.</param>
/// <param name="Detail">What is wrong with them, and the mend.</param>
public sealed record PairDrop(string Reason, int Pairs, string First, string Detail);

/// <summary>What a training is about to do.</summary>
/// <param name="Steps">Optimizer steps in all.</param>
/// <param name="StepsDone">Steps that an earlier process did and kept.</param>
/// <param name="Drops">Pairs that are left out, those of the dev set among them.</param>
public sealed record TrainingOutline(int Steps, int StepsDone, IReadOnlyList<PairDrop> Drops);
