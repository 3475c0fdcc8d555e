using System.Diagnostics;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Decoding;
using ProxyReward.Models.Native;
using ProxyReward.Models.Preference;
using ProxyReward.Responses;
using ProxyReward.Training;

namespace ProxyReward.Models.Policies;

/// <summary>A policy that runs and is trained on this machine.</summary>
public sealed class LocalPolicy(LocalModel model) : IPolicy
{
    private const string StateFile = "state.safetensors";
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public IReadOnlyList<Response> Respond(
        IReadOnlyList<ResponseRequest> batch, SamplingOptions sampling, Action<long>? tokensGenerated, CancellationToken cancellationToken)
    {
        var prompts = batch.Select(request => request.Question.Text).Distinct(StringComparer.Ordinal).ToDictionary(text => text, model.Prompt, StringComparer.Ordinal);
        var (config, compute) = (model.Network.Config, model.Network.Parameters.Compute.dtype);
        MemoryLimit.Require(
            MemoryPlan.Sampling(config, compute, prompts.Count, prompts.Values.Max(prompt => prompt.Count), batch.Count, sampling.MaxNewTokens).BesideWeights,
            $"writing {batch.Count} responses of {sampling.MaxNewTokens} tokens",
            "lower responses.batch or responses.max_new_tokens");
        var generations = new Generator(model.Network).Generate(
            [.. batch.Select(request => new GenerationRequest(prompts[request.Question.Text], request.Draws()))],
            new Warpers(1, sampling.Temperature, sampling.TopK, sampling.TopP, sampling.MinP),
            sampling.MaxNewTokens,
            tokensGenerated,
            cancellationToken);
        return [.. batch.Zip(generations, ToResponse).Select((response, i) => response with { PromptTokens = prompts[batch[i].Question.Text].Count })];
    }

    /// <inheritdoc/>
    public TrainingResult Train(
        IReadOnlyList<TrainingPair> pairs, DpoOptions options, string folder, Action<TrainingStep> onStep, CancellationToken cancellationToken)
    {
        var fitting = TokenPair.Fit(pairs.Select(pair => new TokenPair(model.Prompt(pair.Question.Text), pair.Chosen.TokenIds, pair.Rejected.TokenIds)), options);
        if (fitting.Count == 0)
        {
            throw new RequestException(
                $"none of the {pairs.Count} pairs fits dpo.max_length {options.MaxLength}: raise it, or lower responses.max_new_tokens.");
        }

        Directory.CreateDirectory(folder);
        var state = Path.Combine(folder, StateFile);
        var plan = new TrainingPlan(fitting, options, shuffle: true);
        MemoryLimit.Require(
            MemoryPlan.Training(model.Network.Config, model.Network.Parameters.Compute.dtype, plan.LargestRows, options.ActivationCheckpointing, lora: null).BesideWeights,
            $"training with {options.BatchSize} pairs a micro-batch",
            "lower dpo.batch_size and raise dpo.gradient_accumulation, or take a smaller model");
        using var trainer = new DpoTrainer(model.Network, plan, options, cancellationToken);
        trainer.Resume(state);
        for (var sinceSave = Stopwatch.StartNew(); trainer.StepsDone < plan.Steps;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            onStep(trainer.Step());
            if (sinceSave.Elapsed > SaveEvery)
            {
                trainer.SaveState(state);
                sinceSave.Restart();
            }
        }

        return new TrainingResult(plan.Steps, fitting.Count, pairs.Count - fitting.Count);
    }

    /// <inheritdoc/>
    public void Save(string folder) => model.Save(folder, SafetensorsType.F32);

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

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

/// <summary>Opens policies from Hugging Face folders and GGUF files.</summary>
public sealed class LocalPolicyLoader : IPolicyLoader
{
    /// <inheritdoc/>
    public IPolicy Load(string folder) => new LocalPolicy(LocalModel.Open(folder));
}
