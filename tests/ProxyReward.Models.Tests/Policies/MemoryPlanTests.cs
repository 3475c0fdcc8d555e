using ProxyReward.Models.Adapters;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Tests.Transformer;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Policies;

/// <summary>What is foretold is what was worked out by hand; that the engine takes no more is for the bench, in a process of its own.</summary>
public sealed class MemoryPlanTests
{
    private const torch.ScalarType Bf16 = torch.ScalarType.BFloat16;

    private static readonly ModelConfig Small = TinyModel.Config with
    {
        VocabSize = 100,
        Layers = 2,
        Heads = 2,
        HeadDim = 4,
        IntermediateSize = 16,
        MaxPositions = 64,
        TieWordEmbeddings = true,
        AttentionScale = 0.5,
    };

    [Fact]
    public void Weights_and_optimizer_are_18_bytes_a_parameter_in_bf16_and_16_in_fp32()
    {
        // A layer: q 8·8, k and v 8·4 each, o 8·8, gate, up and down 8·16 each, two norms of 8: 592. Model: 100·8 + 2·592 + 8 = 1992.
        var full = MemoryPlan.Training(Small, Bf16, new DpoOptions(), prompt: 3, completion: 4);
        Assert.Equal((6 * 1992, 12 * 1992), (full.Weights, full.Optimizer));
        var single = MemoryPlan.Training(Small, torch.ScalarType.Float32, new DpoOptions(), prompt: 3, completion: 4);
        Assert.Equal((4 * 1992, 12 * 1992), (single.Weights, single.Optimizer));
    }

    [Fact]
    public void An_adapter_has_an_optimizer_and_the_base_has_none()
    {
        // Rank 2 on q and k of two layers: 2·(16 + 12)·2 = 112.
        var lora = new LoraConfig { Rank = 2, Alpha = 4, TargetModules = ["q_proj", "k_proj"] };
        var plan = MemoryPlan.Training(Small, Bf16, new DpoOptions(), prompt: 3, completion: 4, lora);
        Assert.Equal((6 * (1992 + 112), 12 * 112), (plan.Weights, plan.Optimizer));
    }

    [Fact]
    public void A_training_works_with_hidden_states_and_a_chunk_of_logits_or_with_a_layer()
    {
        // 2 pairs of 3 + 2 · 3 tokens: 18 rows. A row of the tape: its input, 8 · 4 bytes, in both layers and after them; in a layer 8 · 4 between its halves,
        // and q, k, v, attended and both gates, 16 + 8 + 32 numbers.
        var full = MemoryPlan.Training(Small, torch.ScalarType.Float32, new DpoOptions(), prompt: 3, completion: 4);
        Assert.Equal(18 * ((3 * 32) + (2 * (32 + (56 * 4)))), full.Activations);

        // Two hidden states of 8; then 18 rows of logits, and what goes in and comes back: 100 + 2 · 8. Layers take less: 8 · 4 + (2 · 8 + 2 · 16) · 4 a row.
        Assert.Equal((18 * 2 * 8 * 4) + (18 * 116 * 4), full.Work);
        var wide = MemoryPlan.Training(Small with { IntermediateSize = 160 }, torch.ScalarType.Float32, new DpoOptions(), prompt: 3, completion: 4);
        Assert.Equal((18 * 2 * 8 * 4) + (18 * (32 + ((16 + 320) * 4))), wide.Work);

        // In bf16 the head's gradient is a product of its own, 100 · 8, that a frozen head does not have; it keeps a slope of 8 for each row.
        var lora = new LoraConfig { Rank = 2, Alpha = 4, TargetModules = ["q_proj"] };
        var half = (18 * 2 * 8 * 2) + (18 * 116 * 2);
        Assert.Equal(half + (100 * 8 * 2), MemoryPlan.Training(Small, Bf16, new DpoOptions(), prompt: 3, completion: 4).Work);
        Assert.Equal(half + (18 * 8 * 2), MemoryPlan.Training(Small, Bf16, new DpoOptions(), prompt: 3, completion: 4, lora).Work);
    }

    [Fact]
    public void Reading_prompts_takes_what_a_layer_makes_of_them()
    {
        // 300 tokens: 3 · 8 of the residual stream; norms and branches 4 · 8, q, k, v 16, attended 8, gates 32 and 16: 104 numbers.
        var plan = MemoryPlan.Sampling(Small, torch.ScalarType.Float32, prompts: 3, prompt: 100, responses: 6, newTokens: 5);
        Assert.Equal(300 * (24 + 104) * 4, plan.Work);
    }

    [Fact]
    public void Keys_and_values_are_those_of_the_prompts_and_of_all_responses()
    {
        // (3 prompts of 10 + 6 responses of 5) · 2 layers · keys and values · 4 wide, filled up to 32 · 2 bytes.
        var plan = MemoryPlan.Sampling(Small, Bf16, prompts: 3, prompt: 10, responses: 6, newTokens: 5);
        Assert.Equal((30 + 30) * 2 * 2 * 32 * 2, plan.Activations);
        Assert.Equal(plan.Runtime + plan.Weights + plan.BesideWeights, plan.Peak);
    }
}
