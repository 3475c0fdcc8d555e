using ProxyReward.Models.Policies;
using ProxyReward.Training;

namespace ProxyReward.Models.Tests.Policies;

/// <summary>A model of 100 bytes, 200 of optimizer, 4 for each token of a pair or, recomputing, 1.</summary>
public sealed class MemoryMendTests
{
    private static readonly DpoOptions Asked = new() { BatchSize = 8, GradientAccumulation = 2, MaxLength = 2048 };

    [Fact]
    public void Each_setting_that_makes_a_training_fit_alone_is_named_changed_no_more_than_it_must()
    {
        // 8 pairs of 100 tokens take 100 + 200 + 3200. Recomputing: 300 + 800; 4 pairs: 300 + 1600, as half the length; an adapter saves 200 only.
        Assert.Equal(
            [
                new("dpo.activation_checkpointing: true", 1100),
                new("dpo.batch_size: 4 and dpo.gradient_accumulation: 4", 1900),
                new("dpo.max_length: 50, longer pairs left out", 1900),
            ],
            Training(Asked, 2000));
        Assert.Equal([new("dpo.activation_checkpointing: true", 1100), new("dpo.batch_size: 2 and dpo.gradient_accumulation: 8", 1100), new("dpo.max_length: 25, longer pairs cut", 1100)],
            Training(Asked with { Truncation = Truncation.KeepStart }, 1100));
        Assert.Equal(new("dpo.lora.r: 16", 3300), Training(Asked, 3300)[2]);
    }

    [Fact]
    public void Only_batches_that_divide_the_asked_one_leave_the_training_the_same() =>
        Assert.Equal("dpo.batch_size: 3 and dpo.gradient_accumulation: 4", Training(Asked with { BatchSize = 6 }, 300 + (5 * 400))[1].Settings);

    [Fact]
    public void What_no_setting_does_alone_several_do_together()
    {
        Assert.Equal([new("dpo.activation_checkpointing: true and dpo.batch_size: 1 and dpo.gradient_accumulation: 16", 400)], Training(Asked, 450));
        Assert.Equal(
            [new("dpo.activation_checkpointing: true and dpo.batch_size: 1 and dpo.gradient_accumulation: 16 and dpo.lora.r: 16", 200)], Training(Asked, 350));
        Assert.Empty(Training(Asked, 150));
    }

    [Fact]
    public void What_was_asked_already_is_no_mend()
    {
        var mends = Training(Asked with { ActivationCheckpointing = true, Lora = new LoraOptions { R = 4 } }, 700);
        Assert.Equal([new("dpo.batch_size: 4 and dpo.gradient_accumulation: 4", 500), new("dpo.max_length: 75, longer pairs left out", 700)], mends);
    }

    [Fact]
    public void Fewer_responses_at_a_time_or_shorter_ones_make_writing_fit()
    {
        MemoryPlan Plan(int responses, int tokens) => new(0, 100, 0, responses * tokens, 0);
        Assert.Equal([new("responses.batch: 6", 340), new("responses.max_new_tokens: 20", 300)], MemoryMend.OfSampling(10, 40, Plan, 350));
        Assert.Empty(MemoryMend.OfSampling(10, 40, Plan, 100));
    }

    [Fact]
    public void The_sentence_names_what_helps_and_what_it_then_takes()
    {
        Assert.Equal("it fits with a: 1 (1.50 GB); or with b: 2 (0.25 GB)", MemoryMend.Text([new("a: 1", 1_500_000_000), new("b: 2", 250_000_000)]));
        Assert.Equal("no setting makes it fit, take a smaller model or a machine with more memory; a training can be handed to TRL or LLaMA-Factory with `export`", MemoryMend.Text([]));
    }

    private static IReadOnlyList<MemoryMend> Training(DpoOptions asked, long memory) => MemoryMend.OfTraining(asked, longest: 100, Plan, memory);

    private static MemoryPlan Plan(DpoOptions options) => new(
        Runtime: 0, Weights: 100, Optimizer: options.Lora is null ? 200 : 0, options.BatchSize * Math.Min(100, options.MaxLength) * (options.ActivationCheckpointing ? 1 : 4), Work: 0);
}
