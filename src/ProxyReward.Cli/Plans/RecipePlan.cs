using ProxyReward.Cli.Readers;
using ProxyReward.Cli.Results;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Judging;
using ProxyReward.Clients.Reading;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Plans;

/// <summary>What a recipe will take at most: tokens, requests and their cost, memory and disk. What cannot fit is wrong, and the line names the setting to change.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="questions">Its questions.</param>
/// <param name="model">The model's shape.</param>
/// <param name="room">What the run may take.</param>
internal sealed class RecipePlan(Recipe recipe, QuestionSplits questions, PlannedModel model, Room room)
{
    // fp32 weights; a token of a response and what is said about it, as text.
    private const int BytesPerWeight = 4;
    private const int BytesPerToken = 24;

    private readonly WorkPlan work = WorkPlan.Of(recipe, questions);
    private readonly int prompt = model.LongestPrompt(questions.Train.Concat(questions.Dev).Concat(questions.HeldOut));

    /// <summary>A line for each thing the run takes; those that cannot be had are wrong.</summary>
    public IEnumerable<PlanLine> Lines()
    {
        yield return new("writes", $"{work.Responses:N0} responses, at most {work.ResponseTokens:N0} tokens");
        var hosted = new List<Estimate>();
        foreach (var (line, requests) in Asked())
        {
            hosted.AddRange(requests);
            yield return line;
        }

        if (hosted.Count > 0)
        {
            yield return new("costs", $"at most {hosted.Sum(e => e.Calls):N0} requests, {Cost(hosted)}, if nothing has to be asked twice");
        }

        yield return new("trains", $"{work.TrainedModels} {(work.TrainedModels == 1 ? "model" : "models")}, each at most {work.Pairs:N0} pairs, {work.Steps:N0} steps and {2L * work.Pairs * recipe.Dpo.Epochs * Longest(recipe.Dpo):N0} tokens");
        var (writing, dpo) = (recipe.Responses, recipe.Dpo);
        yield return Memory("writing", Sampling(writing.Batch, writing.MaxNewTokens), () => MemoryMend.OfSampling(writing.Batch, writing.MaxNewTokens, Sampling, room.Memory));
        if (recipe.Iterations > 0)
        {
            yield return Memory("training", Training(dpo), () => MemoryMend.OfTraining(dpo, Longest(dpo), Training, room.Memory));
        }

        yield return Disk();
    }

    /// <summary>What readers and the judge are asked, and the requests that somebody may be paid for.</summary>
    private IEnumerable<(PlanLine Line, IReadOnlyList<Estimate> Requests)> Asked()
    {
        var longest = recipe.Responses.MaxNewTokens;
        yield return Reading("reads", recipe.TrainingReader, new(questions.Train, work.TrainingTexts, longest), new(questions.Dev, work.DevTexts, longest));
        if (recipe.SecondReader is { } second)
        {
            yield return Reading("reads again", second, new Texts(questions.Train, work.TrainingTexts, longest));
        }

        if (work.JudgedTexts > 0)
        {
            yield return Judging(recipe.Judging);
        }

        yield return Reading(
            "evaluates", recipe.EvaluationReader, new(questions.HeldOut, work.HeldOutTexts, longest), new(questions.HeldOut, work.HeldOutTexts, Response.OpeningTokens));
    }

    private static (PlanLine, IReadOnlyList<Estimate>) Reading(string name, ReaderChoice reader, params Texts[] parts)
    {
        var (kind, asked) = (RecipeFile.Spell(reader.Kind), reader.Options);
        var what = $"{parts.Sum(part => (long)part.Each * part.Set.Count):N0} texts, {parts.Sum(part => part.Each * part.Set.Sum(question => (long)question.Proxies.Count)):N0} verdicts ({kind}{(asked.Model is { } model ? $", {model}" : "")})";
        return Requests(name, what, asked, () => parts.Select(part => ReadingEstimate.Of(kind, asked, part.Set, part.Each, part.Tokens, AskedModels.PricesOf(asked))));
    }

    private (PlanLine, IReadOnlyList<Estimate>) Judging(JudgingOptions judging)
    {
        var texts = (long)work.JudgedTexts * questions.Train.Count;
        return Requests(
            "judges", $"{texts:N0} texts, {texts * judging.Rubrics.Count:N0} ratings ({judging.Model ?? recipe.Model})", judging,
            () => [JudgingEstimate.Of(judging, questions.Train, work.JudgedTexts, recipe.Responses.MaxNewTokens, AskedModels.PricesOf(judging))]);
    }

    private static (PlanLine, IReadOnlyList<Estimate>) Requests(string name, string what, AskedModel asked, Func<IEnumerable<Estimate>> estimate)
    {
        IReadOnlyList<Estimate> requests = asked.Endpoint is null ? [] : [.. estimate()];
        return (new(name, requests.Count == 0 ? what
            : $"{what}: {requests.Sum(e => e.Calls):N0} requests to {asked.Endpoint}, about {requests.Sum(e => e.InputTokens):N0} tokens in and {requests.Sum(e => e.OutputTokens):N0} out: {Cost(requests)}"), requests);
    }

    private static string Cost(IReadOnlyList<Estimate> requests) =>
        requests.All(e => e.Cost is not null) ? LedgerTable.Money(requests.Sum(e => e.Cost)) : "cost unknown without price_in and price_out";

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

    private PlanLine Memory(string what, MemoryPlan plan, Func<IReadOnlyList<MemoryMend>> mends)
    {
        var need = $"{what} takes about {MemoryLimit.Gigabytes(plan.Peak)}, and this process may have {MemoryLimit.Gigabytes(room.Memory)}";
        return plan.Peak <= room.Memory ? new("memory", need) : new("memory", $"{need}: {MemoryMend.Text(mends())}.", Standing.Wrong);
    }

    private PlanLine Disk()
    {
        // What training keeps to go on from is as large as its optimizer: weights and two moments there, gradients and two moments here.
        var state = work.TrainedModels > 0 ? Training(recipe.Dpo).Optimizer : 0;
        var bytes = (work.TrainedModels * model.Parameters * BytesPerWeight) + state + (work.ResponseTokens * BytesPerToken);
        var need = $"the run folder takes about {MemoryLimit.Gigabytes(bytes)} at most, and {MemoryLimit.Gigabytes(room.Disk)} are free there";
        return bytes <= room.Disk ? new("disk", need) : new("disk", $"{need}: lower iterations, remove controls, or give --out a larger disk.", Standing.Wrong);
    }

    /// <summary>Texts to be read.</summary>
    /// <param name="Set">The questions that they answer.</param>
    /// <param name="Each">Texts to each question.</param>
    /// <param name="Tokens">Of a text, at most.</param>
    private sealed record Texts(IReadOnlyList<MetaQuestion> Set, int Each, int Tokens);
}
