using ProxyReward.Cli.Readers;
using ProxyReward.Cli.Results;
using ProxyReward.Clients.Reading;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Runs;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Plans;

/// <summary>What a recipe will take at most: tokens, requests and their cost, memory and disk. What cannot fit is refused with the setting to change.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="questions">Its questions.</param>
/// <param name="model">The model's shape.</param>
/// <param name="memory">Bytes this process may have.</param>
/// <param name="free">Bytes free where runs are written.</param>
internal sealed class RecipePlan(Recipe recipe, QuestionSplits questions, PlannedModel model, long memory, long free)
{
    // fp32 weights; what training keeps to go on from: weights and two moments; a token of a response and what is said about it, as text.
    private const int BytesPerWeight = 4;
    private const int BytesPerState = 12;
    private const int BytesPerToken = 24;

    private readonly WorkPlan work = WorkPlan.Of(recipe, questions);
    private readonly int prompt = model.LongestPrompt(questions.Train.Concat(questions.HeldOut));

    /// <summary>A line for each thing the run takes; those that cannot be had are not good.</summary>
    public IEnumerable<(string Name, bool Good, string Text)> Lines()
    {
        yield return ("writes", true, $"{work.Responses:N0} responses, at most {work.ResponseTokens:N0} tokens");
        foreach (var line in Reading("reads", recipe.TrainingReader, questions.Train, [(work.TrainingTexts, recipe.Responses.MaxNewTokens)])
            .Concat(Reading("", recipe.EvaluationReader, questions.HeldOut, [(work.HeldOutTexts, recipe.Responses.MaxNewTokens), (work.HeldOutTexts, Response.OpeningTokens)])))
        {
            yield return line;
        }

        var longest = Math.Min(recipe.Dpo.MaxLength, prompt + recipe.Responses.MaxNewTokens);
        yield return ("trains", true, $"{work.TrainedModels} {(work.TrainedModels == 1 ? "model" : "models")}, each at most {work.Pairs:N0} pairs, {work.Steps:N0} steps and {2L * work.Pairs * recipe.Dpo.Epochs * longest:N0} tokens");
        yield return Memory("to write", "responses.batch", Sampling(recipe.Responses.Batch), Sampling, recipe.Responses.Batch);
        yield return Memory("to train", "dpo.batch_size", Training(recipe.Dpo.BatchSize), Training, recipe.Dpo.BatchSize);
        yield return Disk();
    }

    private static IEnumerable<(string, bool, string)> Reading(string name, ReaderChoice reader, IReadOnlyList<MetaQuestion> set, (int Texts, int Tokens)[] parts)
    {
        var texts = parts.Sum(part => (long)part.Texts) * set.Count;
        var kind = RecipeFile.Spell(reader.Kind);
        var verdicts = parts.Sum(part => (long)part.Texts) * set.Sum(question => (long)question.Proxies.Count);
        yield return (name, true, $"{texts:N0} texts, {verdicts:N0} verdicts ({kind}{(reader.Options.Model is { } asked ? $", {asked}" : "")})");
        if (reader is { Kind: ReaderKind.Chat, Options.Endpoint: not null })
        {
            var prices = AskedModels.PricesOf(reader.Options);
            var estimates = parts.Select(part => ReadingEstimate.Of(kind, reader.Options, set, part.Texts, part.Tokens, prices)).ToList();
            var cost = estimates.TrueForAll(estimate => estimate.Cost is not null) ? estimates.Sum(estimate => estimate.Cost) : null;
            yield return ("", true, $"{estimates.Sum(e => e.Calls):N0} requests to {reader.Options.Endpoint}, about {estimates.Sum(e => e.InputTokens):N0} tokens in and {estimates.Sum(e => e.OutputTokens):N0} out: {LedgerTable.Money(cost)}");
        }
    }

    private MemoryPlan Sampling(int batch)
    {
        // A batch begins and ends within a question.
        var prompts = Math.Min(Math.Max(1, questions.Train.Count), (batch / recipe.Responses.K) + 2);
        return MemoryPlan.Sampling(model.Shape, Processor.ComputeType, prompts, prompt, batch, recipe.Responses.MaxNewTokens);
    }

    private MemoryPlan Training(int batch)
    {
        var length = Math.Min(recipe.Dpo.MaxLength, prompt + recipe.Responses.MaxNewTokens);
        var asked = Math.Min(prompt, length - 1);
        return MemoryPlan.Training(model.Shape, Processor.ComputeType, recipe.Dpo with { BatchSize = batch }, asked, length - asked);
    }

    private (string, bool, string) Memory(string what, string key, MemoryPlan plan, Func<int, MemoryPlan> at, int batch)
    {
        var need = $"about {Gigabytes(plan.Peak)} {what}";
        if (plan.Peak <= memory)
        {
            return ("memory", true, $"{need}, and this process may have {Gigabytes(memory)}");
        }

        return ("memory", false, $"problem: {need}, and this process may have {Gigabytes(memory)}. {Mend(key, plan, at, batch)}.");
    }

    private string Mend(string key, MemoryPlan plan, Func<int, MemoryPlan> at, int batch)
    {
        var training = key == "dpo.batch_size";
        if (Enumerable.Range(1, batch - 1).Reverse().FirstOrDefault(size => at(size).Peak <= memory) is var fits and > 0)
        {
            var steps = training ? $"; raise dpo.gradient_accumulation to {(int)Math.Ceiling((double)batch * recipe.Dpo.GradientAccumulation / fits)} to keep the pairs of a step" : "";
            return $"{key}: {fits} takes {Gigabytes(at(fits).Peak)}{steps}";
        }

        var least = plan.Runtime + plan.Weights + plan.Optimizer;
        return least <= memory
            ? $"{key}: 1 still takes {Gigabytes(at(1).Peak)}: lower responses.max_new_tokens{(training ? " and dpo.max_length" : "")}"
            : $"{(training ? "Weights, gradients and moments" : "The weights")} alone take {Gigabytes(least)}: take a smaller model, or a machine with more memory";
    }

    private (string, bool, string) Disk()
    {
        var parameters = model.Parameters;
        var need = (work.TrainedModels * parameters * BytesPerWeight) + (work.TrainedModels > 0 ? parameters * BytesPerState : 0) + (work.ResponseTokens * BytesPerToken);
        return need <= free
            ? ("disk", true, $"about {Gigabytes(need)} at most, and {Gigabytes(free)} are free")
            : ("disk", false, $"problem: about {Gigabytes(need)} at most, and {Gigabytes(free)} are free: lower iterations, remove controls, or give --out a larger disk.");
    }

    private static string Gigabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e9:F1} GB");
}
