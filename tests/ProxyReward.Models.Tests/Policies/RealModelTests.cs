using System.Text.Json;
using ProxyReward.Models.Decoding;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using TorchSharp;

namespace ProxyReward.Models.Tests.Policies;

/// <summary>A real checkpoint from its GGUF, as Hugging Face computes it from the same weights.</summary>
public sealed class RealModelTests
{
    [Fact]
    public void Prompts_log_probs_and_greedy_tokens_equal_the_reference()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(FixtureRoot.Require("smollm2"), "expected.json")));
        var path = FixtureRoot.RequireShared("models", json.RootElement.GetProperty("model").GetString()!);
        using var model = LocalModel.Open(path, torch.ScalarType.Float32);
        var prompts = json.RootElement.GetProperty("prompts").EnumerateArray().ToList();
        Assert.NotEmpty(prompts);
        foreach (var prompt in prompts)
        {
            int[] ids = Ids(prompt.GetProperty("ids"));
            CheckPrompt(model, prompt, ids);
            using var hidden = model.Network.Forward(new PackedBatch([ids]));
            CheckTop(model, hidden, prompt);
            CheckLogProbs(model, hidden, prompt, ids);
        }

        var greedy = new Generator(model.Network).Generate(
            [.. prompts.Select((prompt, i) => new GenerationRequest(Ids(prompt.GetProperty("ids")), Draws.Of(0, "greedy", i)))],
            new Warpers(Temperature: 0),
            prompts.Max(prompt => prompt.GetProperty("greedy_ids").GetArrayLength()),
            null,
            TestContext.Current.CancellationToken);
        foreach (var (prompt, generation) in prompts.Zip(greedy))
        {
            Assert.Equal(UpToEnd(Ids(prompt.GetProperty("greedy_ids")), model), UpToEnd([.. generation.Tokens], model));
        }
    }

    private static void CheckPrompt(LocalModel model, JsonElement prompt, int[] ids)
    {
        Assert.Equal(ids, model.Tokenizer.Encode(prompt.GetProperty("text").GetString()!));
        if (prompt.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() == 1)
        {
            Assert.Equal(ids, model.Prompt(messages[0].GetProperty("content").GetString()!));
        }
    }

    private static void CheckTop(LocalModel model, Tensor hidden, JsonElement prompt)
    {
        using var last = hidden.narrow(0, hidden.shape[0] - 1, 1);
        using var logits = model.Network.Head.Logits(last);
        var row = new Rows(logits).InPlace(0);
        foreach (var top in prompt.GetProperty("top10").EnumerateArray())
        {
            Assert.Equal(top.GetProperty("logit").GetSingle(), row[top.GetProperty("id").GetInt32()], 1e-3f);
        }
    }

    private static void CheckLogProbs(LocalModel model, Tensor hidden, JsonElement prompt, int[] ids)
    {
        using var scored = hidden.narrow(0, 0, ids.Length - 1);
        float[] expected = [.. prompt.GetProperty("logprobs").EnumerateArray().Select(value => value.GetSingle())];
        foreach (var (logProb, reference) in model.Network.Head.LogProbs(scored, ids[1..]).Zip(expected))
        {
            Assert.Equal(reference, logProb, 1e-3f);
        }
    }

    private static int[] UpToEnd(int[] tokens, LocalModel model)
    {
        var end = Array.FindIndex(tokens, model.Network.Config.EosTokenIds.Contains);
        return end < 0 ? tokens : tokens[..(end + 1)];
    }

    private static int[] Ids(JsonElement ids) => [.. ids.EnumerateArray().Select(id => id.GetInt32())];
}
