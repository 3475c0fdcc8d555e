using ProxyReward.Cli.Readers;
using ProxyReward.Cli.Results;
using ProxyReward.Clients.Reading;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Runs;
using ProxyReward.Training;
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
    // fp32 weights; a token of a response and what is said about it, as text.
    private const int BytesPerWeight = 4;
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

        yield return ("trains", true, $"{work.TrainedModels} {(work.TrainedModels == 1 ? "model" : "models")}, each at most {work.Pairs:N0} pairs, {work.Steps:N0} steps and {2L * work.Pairs * recipe.Dpo.Epochs * Longest(recipe.Dpo):N0} tokens");
        foreach (var line in Memory())
        {
            yield return line;
        }

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

    /// <summary>Whether writing and training fit, and what makes them fit.</summary>
    public IEnumerable<(string Name, bool Good, string Text)> Memory()
    {
        var (writing, dpo) = (recipe.Responses, recipe.Dpo);
        yield return Memory("to write", Sampling(writing.Batch, writing.MaxNewTokens), () => MemoryMend.OfSampling(writing.Batch, writing.MaxNewTokens, Sampling, memory));
        if (recipe.Iterations > 0)
        {
            yield return Memory("to train", Training(dpo), () => MemoryMend.OfTraining(dpo, Longest(dpo), Training, memory));
        }
    }

    private MemoryPlan Sampling(int batch, int newTokens)
    {
        // A batch begins and ends within a question.
        var prompts = Math.Min(Math.Max(1, questions.Train.Count), (batch / recipe.Responses.K) + 2);
        return MemoryPlan.Sampling(model.Shape, Processor.ComputeType, prompts, prompt, batch, newTokens);
    }

    private MemoryPlan Training(DpoOptions options)
    {
        var length = Longest(options);
        var asked = Math.Min(prompt, length - 1);
        return MemoryPlan.Training(
            model.Shape, LocalPolicyLoader.ComputeType(options.Precision), options, asked, length - asked, options.Lora is { } lora ? LoraConfig.Of(lora) : null);
    }

    private int Longest(DpoOptions options) => Math.Min(options.MaxLength, prompt + recipe.Responses.MaxNewTokens);

    private (string, bool, string) Memory(string what, MemoryPlan plan, Func<IReadOnlyList<MemoryMend>> mends)
    {
        var need = $"about {MemoryLimit.Gigabytes(plan.Peak)} {what}, and this process may have {MemoryLimit.Gigabytes(memory)}";
        return plan.Peak <= memory ? ("memory", true, need) : ("memory", false, $"problem: {need}: {MemoryMend.Text(mends())}.");
    }

    private (string, bool, string) Disk()
    {
        // What training keeps to go on from is as large as its optimizer: weights and two moments there, gradients and two moments here.
        var state = work.TrainedModels > 0 ? Training(recipe.Dpo).Optimizer : 0;
        var need = (work.TrainedModels * model.Parameters * BytesPerWeight) + state + (work.ResponseTokens * BytesPerToken);
        return need <= free
            ? ("disk", true, $"about {MemoryLimit.Gigabytes(need)} at most, and {MemoryLimit.Gigabytes(free)} are free")
            : ("disk", false, $"problem: about {MemoryLimit.Gigabytes(need)} at most, and {MemoryLimit.Gigabytes(free)} are free: lower iterations, remove controls, or give --out a larger disk.");
    }
}
