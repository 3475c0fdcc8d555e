using ProxyReward.Cli.Plans;
using ProxyReward.Cli.Readers;
using ProxyReward.Clients.Judging;
using ProxyReward.Clients.Prompts;
using ProxyReward.Lab.Questions;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Native;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli;

/// <summary>Puts together what a recipe names.</summary>
/// <param name="policies">Opens models.</param>
/// <param name="judgeOf">Makes a judge of a model folder, of what its chat template is told and of the prompts that each ask for the rating of a text.</param>
/// <param name="hub">Where the cache of the Hub is; null: where the environment says.</param>
/// <param name="memory">Bytes this process may have, which a recipe must not exceed; null: nobody asks.</param>
/// <param name="join">Joins the processes that were started together with this one; null: there are none.</param>
internal sealed class Composition(
    IPolicyLoader policies, Func<(string Path, ChatTemplateOptions Chat), IReadOnlyList<Func<MetaQuestion, string, string>>, IJudge> judgeOf, Func<HubOptions>? hub = null, Func<Ranks>? join = null, Func<long>? memory = null)
{
    /// <summary>The file of answers and costs of models in a run folder.</summary>
    public const string RequestsName = "requests.sqlite";

    /// <summary>What run.json and train.json say about the engine.</summary>
    public static IReadOnlyDictionary<string, string> Engine => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["compute"] = Processor.HasFastBf16 ? "bf16" : "fp32",
        ["processor"] = Processor.Name,
        ["torch_sharp"] = typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(),
    };

    /// <summary>Opens models.</summary>
    public IPolicyLoader Policies => policies;

    /// <summary>Joins the processes that train together; they then hear from <see cref="Policies"/>.</summary>
    public Ranks Join() => join?.Invoke() ?? Ranks.Single;

    /// <summary>What a run in a folder may take; null: nobody asks.</summary>
    public Room? RoomFor(string folder) => memory is null ? null : Room.For(folder, memory());

    /// <summary>The parts of a run.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="recipeFolder">Where its relative paths are looked for after the working directory.</param>
    /// <param name="folder">Where the requests to models are kept.</param>
    /// <param name="terminal">Gets the ledgers at the end.</param>
    /// <exception cref="RequestException">A reader does not fit the questions, or is not fit to train with.</exception>
    public RunParts Of(Recipe recipe, string recipeFolder, string folder, Terminal terminal)
    {
        var world = WorldOf(recipe);
        var models = new AskedModels(recipeFolder, Path.Combine(folder, RequestsName), recipe.Chat, terminal);
        var readers = ReadersOf(recipe, recipeFolder, models);
        if (recipe.Iterations > 0)
        {
            readers.RequireUseful(recipe.TrainingReader);
        }

        return new()
        {
            Questions = () => QuestionsOf(recipe, recipeFolder),
            Model = () => ModelOf(recipe, recipeFolder),
            Policies = policies,
            Readers = readers.Of,
            Held = readers,
            Judge = JudgeOf(recipe, recipeFolder, models),
            Facts = recipe.Questions.HeldOut == QuestionOptions.Pocket ? new WorldFactChecker(world.Value) : null,
            Engine = Engine,
        };
    }

    /// <summary>The readers of a recipe.</summary>
    /// <param name="models">Disposed with the readers.</param>
    /// <exception cref="RequestException">A reader does not fit the questions.</exception>
    public static ReaderShelf ReadersOf(Recipe recipe, string recipeFolder, AskedModels models)
    {
        Refuse("reader", recipe.Reader, "questions.train", recipe.Questions.Train);
        Refuse("evaluation.reader", recipe.EvaluationReader.Kind, "questions.held_out", recipe.Questions.HeldOut);
        if (recipe.SecondReader is { } second)
        {
            Refuse("pairs.second_reader", second.Kind, "questions.train", recipe.Questions.Train);
        }

        return new ReaderShelf(WorldOf(recipe), models, recipeFolder, recipe);
    }

    /// <summary>Where the model lies that a recipe starts from.</summary>
    /// <exception cref="RequestException">It is nowhere; the message names the command that fetches it.</exception>
    public string ModelOf(Recipe recipe, string recipeFolder) => ModelPath.Locate(recipe.Model, recipeFolder, "model", hub?.Invoke());

    /// <summary>Refuses a judge that could not be opened. Loads nothing, sends nothing.</summary>
    /// <returns>Who judges.</returns>
    /// <exception cref="RequestException">There is none, or its model, its key or a rubric is not there; names the key of the recipe.</exception>
    public static string RequireJudge(Recipe recipe, string recipeFolder, AskedModels models)
    {
        var judging = recipe.Judging;
        if (judging.Model is null)
        {
            return recipe.Questions.Train == QuestionOptions.Pocket
                ? recipe.Model
                : throw new RequestException("judging.model: the recipe asks a judge, and this model has no judge in it. Name one, or remove the judge from reward, controls, mix and pairs.indicators.");
        }

        models.Require(judging, "judging");
        foreach (var rubric in RubricsOf(judging, recipeFolder))
        {
            rubric.Fill(ChatJudge.Values(new("", "", "", []), ""));
        }

        return judging.Endpoint is { } endpoint ? $"{judging.Model} at {endpoint}" : judging.Model;
    }

    /// <summary>The judge of a recipe; null where there is none.</summary>
    public Func<IJudge>? JudgeOf(Recipe recipe, string recipeFolder, AskedModels models)
    {
        var judging = recipe.Judging;
        if (judging is { Model: not null, Endpoint: not null })
        {
            return () => new ChatJudge(models.Open(judging, "judging", recipe.Seed), judging.Rubrics);
        }

        if (judging.Model is { } local)
        {
            return () => judgeOf((ModelPath.Locate(local, recipeFolder, "judging.model", hub?.Invoke()), recipe.Chat), [.. RubricsOf(judging, recipeFolder).Select(Rubric)]);
        }

        // Only the pocket lab's models have learnt to rate (from simulated ratings).
        return recipe.Questions.Train == QuestionOptions.Pocket
            ? () => judgeOf((ModelOf(recipe, recipeFolder), recipe.Chat), [(_, text) => WorldOf(recipe).Value.Lexicon.RatingPromptFor(text)])
            : null;
    }

    /// <summary>The questions of a recipe.</summary>
    /// <exception cref="RequestException">A set is absent or damaged, or has not what the reader needs that reads its responses.</exception>
    public static QuestionSplits QuestionsOf(Recipe recipe, string recipeFolder)
    {
        var world = WorldOf(recipe);
        var (training, second) = recipe.Iterations > 0 ? (recipe.TrainingReader, recipe.SecondReader) : (null, null);
        return new(
            Load("questions.train", recipe.Questions.Train, EntitySplit.Train, training, second),
            recipe.Questions.Dev is { } dev ? Load("questions.dev", dev, EntitySplit.Dev, recipe.Keep == IterationKeep.BestOnDev ? training : null) : [],
            Load("questions.held_out", recipe.Questions.HeldOut, EntitySplit.HeldOut, recipe.EvaluationReader));

        IReadOnlyList<MetaQuestion> Load(string key, string source, EntitySplit split, params ReaderChoice?[] readers) => source == QuestionOptions.Pocket
            ? WorldQuestions.Of(world.Value, split)
            : QuestionSet.Load(RecipeFile.Locate(source, recipeFolder, key), Array.Exists(readers, reader => reader?.Kind == ReaderKind.Evidence) ? EvidenceReader.Require : null);
    }

    /// <summary>The pocket lab's world, if it is needed.</summary>
    public static Lazy<World> WorldOf(Recipe recipe) => new(() => World.Create(splitSeed: recipe.Lab.SplitSeed));

    private static IEnumerable<Prompt> RubricsOf(JudgingOptions judging, string recipeFolder)
    {
        var prompts = judging.Prompts is { } named ? RecipeFile.Locate(named, recipeFolder, "judging.prompts") : null;
        return judging.Rubrics.Select(rubric => Prompt.Load(rubric, prompts));
    }

    private static Func<MetaQuestion, string, string> Rubric(Prompt prompt) =>
        (question, text) => string.Join("\n\n", prompt.Fill(ChatJudge.Values(question, text)).Select(message => message.Text));

    private static void Refuse(string readerKey, ReaderKind reader, string questionKey, string questions)
    {
        if (reader is ReaderKind.Exact or ReaderKind.Value && questions != QuestionOptions.Pocket)
        {
            throw new RequestException(
                $"{readerKey}: '{RecipeFile.Spell(reader)}' reads articles of the pocket lab only, and {questionKey} is {questions}. Use chat, logit or entailment, evidence where the questions give it, or pocket questions.");
        }

        if (reader == ReaderKind.Evidence && questions == QuestionOptions.Pocket)
        {
            throw new RequestException(
                $"{readerKey}: 'evidence' needs questions that give evidence, and those of the pocket lab do not. Use exact or value.");
        }
    }
}
