using ProxyReward.Cli.Readers;
using ProxyReward.Lab.Questions;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Models.Native;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli;

/// <summary>Puts together what a recipe names.</summary>
/// <param name="policies">Opens models.</param>
/// <param name="judgeOf">Makes a judge of a model folder and of the prompt that asks for the rating of a text.</param>
internal sealed class Composition(IPolicyLoader policies, Func<string, Func<string, string>, IJudge> judgeOf)
{
    /// <summary>The file of answers and costs of models in a run folder.</summary>
    public const string RequestsName = "requests.sqlite";

    /// <summary>What run.json and train.json say about the engine.</summary>
    public static IReadOnlyDictionary<string, string> Engine => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["compute"] = Processor.HasFastBf16 ? "bf16" : "fp32",
        ["torch_sharp"] = typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(),
    };

    /// <summary>Opens models.</summary>
    public IPolicyLoader Policies => policies;

    /// <summary>The parts of a run.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="recipeFolder">Where its relative paths are looked for after the working directory.</param>
    /// <param name="folder">Where the requests to models are kept.</param>
    /// <param name="terminal">Gets the ledgers at the end.</param>
    /// <exception cref="RequestException">A reader does not fit the questions.</exception>
    public RunParts Of(Recipe recipe, string recipeFolder, string folder, Terminal terminal)
    {
        var models = new AskedModels(recipeFolder, Path.Combine(folder, RequestsName), terminal);
        var world = new Lazy<World>(() => World.Create(splitSeed: recipe.Lab.SplitSeed));
        var readers = new ReaderShelf(world, models, recipe.Seed);
        Refuse("reader", recipe.Reader, "questions.train", recipe.Questions.Train);
        Refuse("evaluation.reader", recipe.EvaluationReader.Kind, "questions.held_out", recipe.Questions.HeldOut);
        return new()
        {
            Questions = () => new(
                Load("questions.train", recipe.Questions.Train, EntitySplit.Train),
                recipe.Questions.Dev is { } dev ? Load("questions.dev", dev, EntitySplit.Dev) : [],
                Load("questions.held_out", recipe.Questions.HeldOut, EntitySplit.HeldOut)),
            Model = () => RecipeFile.Locate(recipe.Model, recipeFolder, "model"),
            Policies = policies,
            Readers = readers.Of,
            Held = models,

            // Only the pocket lab's models have learnt to rate (from simulated ratings).
            Judge = recipe.Questions.Train == QuestionOptions.Pocket
                ? () => judgeOf(RecipeFile.Locate(recipe.Model, recipeFolder, "model"), world.Value.Lexicon.RatingPromptFor)
                : null,
            Facts = recipe.Questions.HeldOut == QuestionOptions.Pocket ? new WorldFactChecker(world.Value) : null,
            Engine = Engine,
        };

        IReadOnlyList<MetaQuestion> Load(string key, string source, EntitySplit split) => source == QuestionOptions.Pocket
            ? WorldQuestions.Of(world.Value, split)
            : QuestionSet.Load(RecipeFile.Locate(source, recipeFolder, key));
    }

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
