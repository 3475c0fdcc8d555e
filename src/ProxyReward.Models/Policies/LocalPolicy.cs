using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Decoding;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Native;
using ProxyReward.Models.Preference;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Policies;

/// <summary>A policy that runs and is trained on this machine.</summary>
/// <param name="model">Its weights; disposed with it.</param>
/// <param name="saveEvery">How often a training keeps a state that it can go on from.</param>
/// <param name="ranks">The processes that train together.</param>
public sealed class LocalPolicy(LocalModel model, TimeSpan saveEvery, Ranks ranks) : IPolicy
{
    private LoraAdapter? trained;

    /// <inheritdoc/>
    public IReadOnlyList<Response> Respond(
        IReadOnlyList<ResponseRequest> batch, SamplingOptions sampling, Action<long>? tokensGenerated, CancellationToken cancellationToken)
    {
        var prompts = batch.Select(request => request.Question.Text).Distinct(StringComparer.Ordinal).ToDictionary(text => text, model.Prompt, StringComparer.Ordinal);
        var (config, compute) = (model.Network.Config, model.Network.Parameters.Compute.dtype);
        MemoryPlan Plan(int responses, int newTokens) =>
            MemoryPlan.Sampling(config, compute, Math.Min(prompts.Count, responses), prompts.Values.Max(prompt => prompt.Count), responses, newTokens);
        var plan = Plan(batch.Count, sampling.MaxNewTokens);
        MemoryLimit.Require(
            plan.BesideWeights,
            $"writing {batch.Count} responses of {sampling.MaxNewTokens} tokens",
            free => MemoryMend.Text(MemoryMend.OfSampling(batch.Count, sampling.MaxNewTokens, Plan, plan.Peak - plan.BesideWeights + free)));
        var generations = new Generator(model.Network).Generate(
            [.. batch.Select(request => new GenerationRequest(prompts[request.Question.Text], request.Draws()))],
            new Warpers(1, sampling.Temperature, sampling.TopK, sampling.TopP, sampling.MinP),
            sampling.MaxNewTokens,
            tokensGenerated,
            cancellationToken);
        return [.. batch.Zip(generations, ToResponse).Select((response, i) => response with { PromptTokens = prompts[batch[i].Question.Text].Count })];
    }

    /// <inheritdoc/>
    public IReadOnlyList<double> LogProbs(IReadOnlyList<(MetaQuestion Question, Response Response)> responses, CancellationToken cancellationToken) =>
        ResponseScorer.LogProbs(model, responses, cancellationToken);

    /// <inheritdoc/>
    public TrainingResult Train(TrainingData data, DpoOptions options, string folder, ITrainingObserver observer, CancellationToken cancellationToken)
    {
        trained?.Dispose();
        trained = options.Lora is { } lora ? LoraAdapter.Start(LoraConfig.Of(lora), model.Network.Parameters.Layout, model.Network.Parameters.Compute.dtype, options.Seed) : null;
        var result = new PolicyTraining(model, options, folder, saveEvery, ranks).Run(data, trained, observer, cancellationToken);
        model.Network.Adapter = null;
        trained?.MergeInto(model.Network.Parameters);
        return result;
    }

    /// <inheritdoc/>
    public void Save(string folder)
    {
        model.Save(folder, SafetensorsType.F32);
        trained?.Save(Path.Combine(folder, "adapter"), model.Path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        trained?.Dispose();
        model.Dispose();
        NativeEngine.HandBackFreedMemory();
    }

    private Response ToResponse(ResponseRequest request, Generation generation)
    {
        var length = generation.Tokens.Count - (generation.Ended ? 1 : 0);
        var text = model.Text(generation.Tokens.Take(length));
        return new Response(request.Question.Id, request.Index, text, generation.Tokens, length, !generation.Ended, Opening(generation.Tokens.Take(length).ToList(), text));
    }

    /// <summary>What stands in the first 120 tokens, an unfinished last sentence dropped; a shorter response counts as it is.</summary>
    private string Opening(List<int> tokens, string text) => tokens.Count <= Response.OpeningTokens
        ? text
        : Sentences.WithoutUnfinishedLast(model.Text(tokens.Take(Response.OpeningTokens)));
}

/// <summary>Opens policies from Hugging Face folders, GGUF files and PEFT adapters.</summary>
/// <param name="saveEvery">How often a training keeps a state that it can go on from; 30 seconds where it is not said.</param>
/// <param name="ranks">The processes that train together, asked for when a model is opened; null: this one alone.</param>
public sealed class LocalPolicyLoader(TimeSpan? saveEvery = null, Func<Ranks>? ranks = null) : IPolicyLoader
{
    /// <inheritdoc/>
    public IPolicy Load(string folder, ComputePrecision precision, ChatTemplateOptions chat)
    {
        LocalModel.RequireUse(chat, folder);
        var model = LocalModel.Open(folder, ComputeType(precision), chat);
        try
        {
            return new LocalPolicy(model, saveEvery ?? TimeSpan.FromSeconds(30), ranks?.Invoke() ?? Ranks.Single);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> PathsOf(string model) => CheckpointLocator.PartsOf(model);

    /// <summary>The type of matrix products that a precision means on this machine.</summary>
    public static torch.ScalarType ComputeType(ComputePrecision precision) => precision switch
    {
        ComputePrecision.Fp32 => torch.ScalarType.Float32,
        ComputePrecision.Bf16 => torch.ScalarType.BFloat16,
        _ => Processor.ComputeType,
    };
}
