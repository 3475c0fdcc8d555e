using ProxyReward.Models.Native;
using ProxyReward.Training;

namespace ProxyReward.Models.Policies;

/// <summary>A change of settings that makes work fit into memory, and what is foretold with it.</summary>
/// <param name="Settings">As recipes have them: "dpo.batch_size: 2 and dpo.gradient_accumulation: 4".</param>
/// <param name="Peak">Bytes that the process then takes.</param>
public sealed record MemoryMend(string Settings, long Peak)
{
    /// <summary>
    /// What makes a training fit: each setting that does so alone, changed no more than it must; where none does, several together. Recomputing and smaller
    /// micro-batches give the same training; an adapter and shorter pairs are another one.
    /// </summary>
    /// <param name="asked">What was asked.</param>
    /// <param name="longest">Tokens of the longest prompt and completion.</param>
    /// <param name="plan">Foretells another training.</param>
    /// <param name="memory">Bytes that the process may have.</param>
    public static IReadOnlyList<MemoryMend> OfTraining(DpoOptions asked, int longest, Func<DpoOptions, MemoryPlan> plan, long memory)
    {
        var recomputing = asked with { ActivationCheckpointing = true };
        var sizes = Enumerable.Range(1, asked.BatchSize).Reverse().Where(size => asked.BatchSize % size == 0);
        var adapter = asked with { Lora = asked.Lora ?? new LoraOptions() };
        var alone = Fitting([[recomputing], sizes.Select(size => InBatchesOf(asked, size)), [adapter], Shares(longest).Select(length => asked with { MaxLength = length })]);
        if (alone.Count > 0)
        {
            return alone;
        }

        var together = InBatchesOf(recomputing, 1);
        return Fitting([[together, together with { Lora = adapter.Lora }]]);

        IReadOnlyList<MemoryMend> Fitting(IEnumerable<DpoOptions>[] ways) => FirstThatFits(
            ways.Select(way => way.Where(changed => changed != asked).Select(changed => new MemoryMend(Changes(asked, changed), plan(changed).Peak))), memory);
    }

    /// <summary>What makes writing responses fit.</summary>
    /// <param name="batch">Responses at a time.</param>
    /// <param name="newTokens">Their longest.</param>
    /// <param name="plan">Foretells another batch and length.</param>
    /// <param name="memory">Bytes that the process may have.</param>
    public static IReadOnlyList<MemoryMend> OfSampling(int batch, int newTokens, Func<int, int, MemoryPlan> plan, long memory) => FirstThatFits(
        [
            Enumerable.Range(1, batch - 1).Reverse().Select(size => new MemoryMend($"responses.batch: {size}", plan(size, newTokens).Peak)),
            Shares(newTokens).Select(length => new MemoryMend($"responses.max_new_tokens: {length}", plan(batch, length).Peak)),
        ],
        memory);

    /// <summary>The end of a sentence that says what does not fit.</summary>
    public static string Text(IReadOnlyList<MemoryMend> mends) => mends.Count == 0
        ? "no setting makes it fit, take a smaller model or a machine with more memory; a training can be handed to TRL or LLaMA-Factory with `export`"
        : $"it fits with {string.Join("; or with ", mends.Select(mend => $"{mend.Settings} ({MemoryLimit.Gigabytes(mend.Peak)})"))}";

    private static IReadOnlyList<MemoryMend> FirstThatFits(IEnumerable<IEnumerable<MemoryMend>> ways, long memory) =>
        [.. ways.Select(way => way.FirstOrDefault(mend => mend.Peak <= memory)).OfType<MemoryMend>()];

    private static DpoOptions InBatchesOf(DpoOptions asked, int size) =>
        asked with { BatchSize = size, GradientAccumulation = asked.GradientAccumulation * (asked.BatchSize / size) };

    // Three quarters, half, a quarter.
    private static IEnumerable<int> Shares(int whole) => Enumerable.Range(1, 3).Select(quarter => whole * (4 - quarter) / 4).Where(share => share > 0);

    private static string Changes(DpoOptions asked, DpoOptions changed)
    {
        string?[] changes =
        [
            changed.ActivationCheckpointing != asked.ActivationCheckpointing ? "dpo.activation_checkpointing: true" : null,
            changed.BatchSize != asked.BatchSize ? $"dpo.batch_size: {changed.BatchSize} and dpo.gradient_accumulation: {changed.GradientAccumulation}" : null,
            changed.Lora != asked.Lora ? $"dpo.lora.r: {changed.Lora!.R}" : null,
            changed.MaxLength != asked.MaxLength ? $"dpo.max_length: {changed.MaxLength}, longer pairs {(asked.Truncation == Truncation.Drop ? "left out" : "cut")}" : null,
        ];
        return string.Join(" and ", changes.OfType<string>());
    }
}
