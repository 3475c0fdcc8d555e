namespace ProxyReward.Models.Transformer;

/// <summary>
/// The shape of a decoder-only language model, read from a checkpoint. Everything that differs between the families that
/// this engine runs is a value here; nothing here is guessed: a key that is not understood is refused where it is read.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>Hugging Face's <c>model_type</c>: llama, qwen2, qwen3, mistral or gemma3_text.</summary>
    public required string Family { get; init; }

    public required int VocabSize { get; init; }
    public required int HiddenSize { get; init; }
    public required int Layers { get; init; }
    public required int Heads { get; init; }
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of one head; need not be hidden / heads.</summary>
    public required int HeadDim { get; init; }

    public required int IntermediateSize { get; init; }

    /// <summary>Longest sequence the checkpoint says it was made for, in tokens.</summary>
    public required int MaxPositions { get; init; }

    public required double RmsNormEps { get; init; }

    /// <summary>The output head is the embedding matrix.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Biases on q, k and v.</summary>
    public bool QkvBias { get; init; }

    /// <summary>A bias on the attention's output projection.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Biases on gate, up and down.</summary>
    public bool MlpBias { get; init; }

    /// <summary>RMSNorm over each head of q and k, before the rotation (Qwen3, Gemma 3).</summary>
    public bool QkNorm { get; init; }

    public required double RopeTheta { get; init; }

    /// <summary>Null where positions are not scaled.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Tokens a sliding layer sees, the current one included; null where no layer slides.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>For each layer whether its attention slides; empty where none does.</summary>
    public IReadOnlyList<bool> SlidingLayers { get; init; } = [];

    /// <summary>Gemma 3: rotary base of the sliding layers; null where all layers share one.</summary>
    public double? SlidingRopeTheta { get; init; }

    /// <summary>Scores are multiplied by this; 1/√headDim but for Gemma.</summary>
    public required double AttentionScale { get; init; }

    /// <summary>Gemma 3: norms multiply by 1 + weight, embeddings by √hidden, four norms a layer, GELU (tanh) instead of SiLU.</summary>
    public bool Gemma { get; init; }

    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a response; from generation_config.json where there is one.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    public int? PadTokenId { get; init; }

    /// <exception cref="RequestException">There is no such token.</exception>
    internal void RequireToken(int id)
    {
        if ((uint)id >= (uint)VocabSize)
        {
            throw new RequestException($"token id {id} is outside the vocabulary of {VocabSize}: the tokens were written with another model's tokenizer.");
        }
    }
}

/// <summary>How rotary frequencies are scaled (transformers' <c>rope_scaling</c> / <c>rope_parameters</c>), or the divisors a GGUF stores.</summary>
/// <param name="Kind">What the numbers mean.</param>
public sealed record RopeScaling(RopeScalingKind Kind)
{
    public double Factor { get; init; } = 1;

    /// <summary>llama3 only.</summary>
    public double LowFrequencyFactor { get; init; }

    /// <summary>llama3 only.</summary>
    public double HighFrequencyFactor { get; init; }

    /// <summary>Length the model was first trained at (llama3, yarn).</summary>
    public int OriginalMaxPositions { get; init; }

    /// <summary>yarn only; null: 0.1 · ln(factor) + 1.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>yarn only.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>yarn only.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>yarn only: whether the correction range is rounded to whole dimensions (transformers' <c>truncate</c>).</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>yarn only (DeepSeek's spelling); null where absent.</summary>
    public double? MScale { get; init; }

    /// <summary>yarn only (DeepSeek's spelling); null where absent.</summary>
    public double? MScaleAllDim { get; init; }

    /// <summary>divisors only: what each inverse frequency is divided by, headDim / 2 numbers (GGUF's rope_freqs.weight).</summary>
    public IReadOnlyList<float> Divisors { get; init; } = [];
}

/// <summary>The scalings that are understood.</summary>
public enum RopeScalingKind
{
    Linear,
    Llama3,
    Yarn,
    Divisors,
}
