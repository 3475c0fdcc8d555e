using System.Text.Json;
using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Runs.Stages;
using ProxyReward.Verdicts;

namespace ProxyReward.Runs;

/// <summary>A finished run as <see cref="RunComparison"/> needs it: complete, and what it was begun with. Reads only.</summary>
internal sealed class ComparedRun
{
    // Two runs of one recipe may differ in these. Paths are no part of it: models and questions are compared by what they hold.
    private static readonly string[] Free = ["name", "seed", "lab.split_seed", "controls", "model", "questions.train", "questions.dev", "questions.held_out"];

    private readonly IRunStore store;
    private readonly RunCard card;
    private readonly IReadOnlyList<MetaQuestion> questions;
    private readonly Dictionary<Arm, IReadOnlyList<ResponseMeasures>> measures = [];

    private ComparedRun(IRunStore store)
    {
        this.store = store;
        card = RunCard.Read(store);
        RequireUnchanged(Run.RecipeName, "recipe");
        RequireUnchanged(RunQuestions.FileName, "questions");
        Recipe = RecipeFile.Load(store.PathOf(Run.RecipeName));
        questions = Jsonl.Read<MetaQuestion>(store, RunQuestions.FileName);
        HeldOutIds = [.. QuestionSplits.Of(questions).HeldOut.Select(question => question.Id)];
        if (HeldOutIds.Count == 0)
        {
            throw new RequestException($"{store.PathOf(RunQuestions.FileName)}: has no held-out question to compare arms on.");
        }

        Bootstrap = new(Recipe.Seed, Recipe.Evaluation.BootstrapDraws);
    }

    /// <summary>What was asked.</summary>
    public Recipe Recipe { get; }

    /// <summary>The held-out questions, in order.</summary>
    public IReadOnlyList<string> HeldOutIds { get; }

    /// <summary>That of the run's own table: the same intervals.</summary>
    public Bootstrap Bootstrap { get; }

    /// <summary>Opens a finished run.</summary>
    /// <exception cref="RequestException">It is not finished, or its recipe or questions are not those it was begun with.</exception>
    public static ComparedRun Open(IRunStore store) => store.Exists(RunSummary.FileName)
        ? new(store)
        : throw new RequestException($"{store.PathOf(RunSummary.FileName)}: is not there; finish the run first.");

    /// <summary>The measures of an arm: every response to every held-out question.</summary>
    /// <exception cref="RequestException">Some are missing, or others are there.</exception>
    public IReadOnlyList<ResponseMeasures> MeasuresOf(Arm arm)
    {
        if (!measures.TryGetValue(arm, out var known))
        {
            var name = arm.File(EvaluateStage.MeasuresName);
            known = measures[arm] = Jsonl.Read<ResponseMeasures>(store, name);
            string[] expected = [.. HeldOutIds.SelectMany(question => Enumerable.Range(0, Recipe.Evaluation.Responses).Select(index => Response.IdOf(question, index)))];
            string[] there = [.. known.Select(response => Response.IdOf(response.QuestionId, response.Index))];
            if (!there.SequenceEqual(expected, StringComparer.Ordinal))
            {
                throw new RequestException(
                    $"{store.PathOf(name)}: has {there.Intersect(expected, StringComparer.Ordinal).Count()} of the {expected.Length} responses to held-out questions in {there.Length} lines; all are needed, in order, each once. Run the recipe on this folder again: the file is made anew from the verdicts.");
            }
        }

        return known;
    }

    /// <summary>Refuses to pool what did not do the same, or what did the very same twice.</summary>
    /// <exception cref="RequestException">The runs differ in more than their seeds, or not in them.</exception>
    public void RequirePoolableWith(ComparedRun other)
    {
        var (here, there) = (store.PathOf(Run.RecipeName), other.store.PathOf(Run.RecipeName));
        if (here == there)
        {
            throw new RequestException($"{store.PathOf("")}: is named twice. Name each run once.");
        }

        var differences = SettingChange.Between(RecipeFile.Write(other.Recipe), RecipeFile.Write(Recipe)).Where(change => !IsFree(change.Key)).ToList();
        if (differences.Count > 0)
        {
            throw new RequestException(
                $"{here}: differs from {there} in {string.Join(", ", differences.Select(change => $"{change.Key} ({change.Asked ?? "nothing"}, not {change.There ?? "nothing"})"))}. Pool runs of one recipe that differ in seed, lab.split_seed and controls only; compare others one by one.");
        }

        if (card.Hashes.GetValueOrDefault("model") != other.card.Hashes.GetValueOrDefault("model"))
        {
            throw new RequestException($"{store.PathOf(RunCard.FileName)}: this run started from another model than {other.store.PathOf(RunCard.FileName)}. Compare them one by one.");
        }

        RequireSameQuestions(other);
        if (Recipe.Seed == other.Recipe.Seed)
        {
            throw new RequestException(FormattableString.Invariant(
                $"{here}: has seed {Recipe.Seed}, as {there} has: that is one run twice, not two. Give each run a seed of its own with --set seed=N."));
        }
    }

    // The way to a model that is asked changes no answer.
    private static bool IsFree(string key) => Free.Contains(key) || AskedModel.KeysOfTheWay.Contains(key[(key.LastIndexOf('.') + 1)..]);

    // Another split seed puts the same questions on other sides; everything else about them must be the same.
    private void RequireSameQuestions(ComparedRun other)
    {
        var sides = Recipe.Lab.SplitSeed == other.Recipe.Lab.SplitSeed;
        var (here, there) = (Asked(questions), Asked(other.questions));
        if (here.Keys.Union(there.Keys, StringComparer.Ordinal).FirstOrDefault(id => here.GetValueOrDefault(id) != there.GetValueOrDefault(id)) is { } differing)
        {
            throw new RequestException(
                $"{store.PathOf(RunQuestions.FileName)}: question '{differing}' is not what it is in {other.store.PathOf(RunQuestions.FileName)}: runs that were asked other questions, or read by other evidence, measure something else. Compare them one by one.");
        }

        Dictionary<string, string> Asked(IEnumerable<MetaQuestion> all) => all.ToDictionary(
            question => question.Id,
            question => JsonSerializer.Serialize(sides ? question : QuestionSplits.Unmarked(question), Json.Line),
            StringComparer.Ordinal);
    }

    private void RequireUnchanged(string name, string hash)
    {
        if (RunCard.HashOf(store.Read(name)) != card.Hashes.GetValueOrDefault(hash))
        {
            throw new RequestException($"{store.PathOf(name)}: is not what {store.PathOf(RunCard.FileName)} says the run was begun with. Put the file back as it was, or run the recipe into a new folder.");
        }
    }
}
