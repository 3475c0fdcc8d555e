using ProxyReward.Models.Transformer;

namespace ProxyReward.Lab.Pretraining;

/// <summary>How a pocket model is made from nothing. The same options on the same kind of machine give the same bytes.</summary>
public sealed record PretrainingOptions
{
    /// <summary>Draws the weights, the documents and nothing else.</summary>
    public long Seed { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads; each is hidden / heads wide.</summary>
    public required int Heads { get; init; }

    /// <summary>Key-value heads.</summary>
    public int KeyValueHeads { get; init; } = 1;

    /// <summary>Width of the feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Longest sequence, in tokens; longer documents are left out.</summary>
    public int MaxPositions { get; init; } = 640;

    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Documents in a step (about 150 tokens each).</summary>
    public int DocumentsPerStep { get; init; } = 32;

    /// <summary>AdamW's peak learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Steps in which the learning rate climbs.</summary>
    public int WarmupSteps { get; init; } = 60;

    /// <summary>Share of the steps after which the learning rate begins to fall.</summary>
    public double FlatShare { get; init; } = .5;

    /// <summary>What the learning rate ends at, as a share of its peak.</summary>
    public double FinalShare { get; init; } = .02;

    /// <summary>Decoupled weight decay on matrices.</summary>
    public double WeightDecay { get; init; } = .05;

    /// <summary>Gradients longer than this are shortened to it.</summary>
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>Steps between two saved states.</summary>
    public int SaveEvery { get; init; } = 250;

    /// <summary>The learning rate of a step, from 0: warm-up, flat, straight down.</summary>
    public double LearningRateAt(int step)
    {
        if (step < WarmupSteps)
        {
            return LearningRate * (step + 1) / WarmupSteps;
        }

        var flat = FlatShare * Steps;
        var down = Math.Clamp((step - flat) / (Steps - flat), 0, 1);
        return LearningRate * (1 - ((1 - FinalShare) * down));
    }

    /// <summary>The model's shape.</summary>
    /// <param name="vocabSize">Tokens of the pocket tokenizer.</param>
    /// <param name="endOfText">Begins and pads; never generated.</param>
    /// <param name="endOfTurn">Ends a response.</param>
    public ModelConfig Shape(int vocabSize, int endOfText, int endOfTurn) => new()
    {
        Family = "llama",
        VocabSize = vocabSize,
        HiddenSize = HiddenSize,
        Layers = Layers,
        Heads = Heads,
        KeyValueHeads = KeyValueHeads,
        HeadDim = HiddenSize / Heads,
        IntermediateSize = IntermediateSize,
        MaxPositions = MaxPositions,
        RmsNormEps = 1e-5,
        TieWordEmbeddings = true,
        RopeTheta = 10_000,
        AttentionScale = 1 / Math.Sqrt(HiddenSize / Heads),
        BosTokenId = endOfText,
        EosTokenIds = [endOfTurn],
        PadTokenId = endOfText,
    };
}
