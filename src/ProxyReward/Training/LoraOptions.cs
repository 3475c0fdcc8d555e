using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ProxyReward.Training;

/// <summary>
/// Trains a LoRA adapter (arXiv 2106.09685) in place of all weights; the reference is the model without it. Rank and alpha default to those of TRL's
/// command line, the targets to all linear layers (ours).
/// </summary>
public sealed record LoraOptions
{
    [Description("Rank"), Range(1, 65536)]
    public int R { get; init; } = 16;

    [Description("The update is multiplied by alpha / r, with rslora by alpha / √r"), Range(1e-6, 1e6)]
    public double Alpha { get; init; } = 32;

    [Description("Only 0: with dropout the log-probs of policy and reference could not be compared"), Range(0, 1)]
    public double Dropout { get; init; }

    [Description("Names of projections (q_proj, self_attn.o_proj, …), or all-linear alone")]
    public IReadOnlyList<string> TargetModules { get; init; } = ["all-linear"];

    [Description("Divides by √r instead of r (arXiv 2312.03732)")]
    public bool Rslora { get; init; }

    /// <inheritdoc/>
    public bool Equals(LoraOptions? other) => other is not null
        && (R, Alpha, Dropout, Rslora) == (other.R, other.Alpha, other.Dropout, other.Rslora) && TargetModules.SequenceEqual(other.TargetModules, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(R, Alpha, Dropout, Rslora, TargetModules.Count);
}
