using System.Text.Json;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Decoding;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Tests.Transformer;
using ProxyReward.Models.Transformer;
using TorchSharp;

namespace ProxyReward.Models.Tests.Decoding;

/// <summary>Decoding with a cache against Hugging Face.</summary>
public sealed class GeneratorTests
{
    private static readonly Warpers Greedy = new(Temperature: 0);

    public static TheoryData<string> Checkpoints => ReferenceModel.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Greedy_tokens_with_a_cache_equal_the_reference_without(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var sequences = Enumerable.Range(0, reference.Expected.GetProperty("sequences").GetArrayLength()).ToList();
        var requests = sequences.Select(i => new GenerationRequest(reference.Ids($"seq{i}.ids"), Draws.Of(0, "greedy", i))).ToList();
        var longest = sequences.Max(i => reference.Ids($"seq{i}.greedy").Length);

        var generated = new Generator(reference.Model).Generate(requests, Greedy, longest, null, TestContext.Current.CancellationToken);

        foreach (var i in sequences)
        {
            // The reference goes on after an end token, a generator must not.
            int[] expected = [.. reference.Ids($"seq{i}.greedy")];
            var end = Array.FindIndex(expected, reference.Model.Config.EosTokenIds.Contains);
            Assert.Equal(end < 0 ? expected : expected[..(end + 1)], generated[i].Tokens.Take(expected.Length));
            Assert.Equal(end >= 0, generated[i].Ended);
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Responses_that_share_a_prompt_equal_those_that_do_not(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var prompt = reference.Ids("seq2.ids");
        GenerationRequest Request(int i) => new(prompt, Draws.Of(1, "shared", i));
        var generator = new Generator(reference.Model);
        var warpers = new Warpers(Temperature: .8);

        var together = generator.Generate([Request(0), Request(1), Request(2)], warpers, 30, null, TestContext.Current.CancellationToken);

        Assert.NotEqual(together[0].Tokens, together[1].Tokens);
        for (var i = 0; i < together.Count; i++)
        {
            var alone = generator.Generate([Request(i)], warpers, 30, null, TestContext.Current.CancellationToken);
            Assert.Equal(alone[0].Tokens, together[i].Tokens);
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Of_many_at_once_each_equals_the_reference(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var expected = reference.Ids("seq0.greedy");
        var requests = Enumerable.Range(0, 70).Select(i => new GenerationRequest(reference.Ids("seq0.ids"), Draws.Of(0, "many", i))).ToList(); // too many for products of few rows

        var generated = new Generator(reference.Model).Generate(requests, Greedy, expected.Length, null, TestContext.Current.CancellationToken);

        Assert.All(generated, one => Assert.Equal(expected[..one.Tokens.Count], one.Tokens));
        Assert.All(generated, one => Assert.True(one.Ended || one.Tokens.Count == expected.Length));
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void In_bfloat16_an_adapter_that_adds_nothing_changes_no_token_of_many(string checkpoint)
    {
        // The model in buffers against the model as it is trained, which an adapter asks for: the same products, so the same numbers.
        using var reference = ReferenceModel.Load(checkpoint);
        var layout = reference.Model.Parameters.Layout;
        using var model = new LanguageModel(reference.Model.Config, new Parameters(layout, torch.ScalarType.BFloat16));
        model.Parameters.Master.copy_(reference.Model.Parameters.Master);
        model.Parameters.RefreshCompute();
        using var adapter = LoraAdapter.Start(CheckpointSummary.UsualLora, layout, torch.ScalarType.BFloat16, seed: 0);
        var requests = Enumerable.Range(0, 20).Select(i => new GenerationRequest(reference.Ids("seq0.ids"), Draws.Of(2, "adapter", i))).ToList();
        IEnumerable<IReadOnlyList<int>> Tokens() =>
            [.. new Generator(model).Generate(requests, new Warpers(Temperature: .8), 20, null, TestContext.Current.CancellationToken).Select(one => one.Tokens)];

        var inBuffers = Tokens();
        model.Adapter = adapter;

        Assert.Equal(Tokens(), inBuffers);
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Warpers_equal_the_reference(string checkpoint)
    {
        using var reference = ReferenceModel.Load(checkpoint);
        var sampler = reference.Expected.GetProperty("sampler");
        CheckCases(sampler.GetProperty("cases"), reference.Floats("sampler.logits"), reference.Floats("sampler.probs"), reference.Ids("sampler.context_ids"));
    }

    internal static void CheckCases(JsonElement cases, float[] logits, float[] expected, int[] context)
    {
        Assert.NotEqual(0, cases.GetArrayLength());
        var index = 0;
        foreach (var @case in cases.EnumerateArray())
        {
            double Setting(string name, double off) =>
                @case.GetProperty("settings").TryGetProperty(name, out var value) ? value.GetDouble() : off;
            var warpers = new Warpers(
                Setting("repetition_penalty", 1), Setting("temperature", 1), (int)Setting("top_k", 0), Setting("top_p", 1), Setting("min_p", 0));
            var probabilities = logits.ToArray();
            warpers.ToProbabilities(probabilities, context);
            Assert.Equal(@case.GetProperty("kept").GetInt32(), probabilities.Count(p => p > 0));
            for (var id = 0; id < probabilities.Length; id++)
            {
                Assert.Equal(expected[(index * logits.Length) + id], probabilities[id], 1e-5f);
            }

            index++;
        }
    }
}
