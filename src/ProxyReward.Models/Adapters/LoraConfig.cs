namespace ProxyReward.Models.Adapters;

/// <summary>What a LoRA adapter (arXiv 2106.09685) is made of, under PEFT's names. Which matrices it changes is decided once it meets a model.</summary>
public sealed record LoraConfig
{
    /// <summary>PEFT's word for every linear layer but the head.</summary>
    public const string AllLinear = "all-linear";

    /// <summary>Rows of A and columns of B.</summary>
    public required int Rank { get; init; }

    /// <summary>lora_alpha: the update is multiplied by alpha / rank.</summary>
    public required double Alpha { get; init; }

    /// <summary>use_rslora: multiplied by alpha / √rank instead (arXiv 2312.03732).</summary>
    public bool RankStabilised { get; init; }

    /// <summary>target_modules: last parts of module paths ("q_proj", "self_attn.q_proj"), or <see cref="AllLinear"/> alone.</summary>
    public required IReadOnlyList<string> TargetModules { get; init; }

    /// <summary>lora_dropout: means nothing outside training, where it must be 0.</summary>
    public double Dropout { get; init; }

    /// <summary>What a recipe asks for.</summary>
    public static LoraConfig Of(Training.LoraOptions options) => new()
    {
        Rank = options.R,
        Alpha = options.Alpha,
        RankStabilised = options.Rslora,
        TargetModules = options.TargetModules,
        Dropout = options.Dropout,
    };

    /// <summary>What B·A is multiplied by.</summary>
    public double Scaling => Alpha / (RankStabilised ? Math.Sqrt(Rank) : Rank);

    /// <summary>Whether the adapter changes a module, by PEFT's rule.</summary>
    /// <param name="module">"model.layers.0.self_attn.q_proj"</param>
    internal bool Targets(string module) =>
        TargetModules.Any(target => target == AllLinear || module == target || module.EndsWith("." + target, StringComparison.Ordinal));

    /// <exception cref="RequestException">The adapter asks for dropout: log-probs of policy and reference would no longer be comparable.</exception>
    internal void RefuseDropout()
    {
        if (Dropout > 0)
        {
            throw new RequestException($"lora_dropout is {Dropout}: adapters are trained without dropout. Set it to 0 in adapter_config.json.");
        }
    }
}
