using ProxyReward.Evaluation;
using ProxyReward.Pairs;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Contents;

/// <summary>Reads a run folder as far as it goes: what is absent or damaged is noted, not an error. Writes nothing.</summary>
internal sealed class RunReader
{
    private readonly RunFolder store;
    private readonly List<string> missing = [];

    private RunReader(RunFolder store) => this.store = store;

    /// <summary>Reads a run.</summary>
    /// <exception cref="RequestException">The folder holds no run, or its recipe cannot be read.</exception>
    public static RunContents Read(string folder)
    {
        var reader = new RunReader(new(folder));
        return reader.store.Exists(Run.RecipeName)
            ? reader.Read()
            : throw new RequestException($"{folder}: there is no run in this folder: it has no recipe.yaml. Name the folder of a run, for example runs/pocket.");
    }

    private RunContents Read()
    {
        var recipe = RecipeFile.Load(store.PathOf(Run.RecipeName));
        var card = Try(RunCard.FileName, () => RunCard.Read(store));
        var questions = QuestionSplits.Of(Many<MetaQuestion>("questions.jsonl"));
        List<ArmContents> contents =
        [
            OfBase(),
            .. Arm.IterationsOf(recipe).Select(arm => OfTrained(recipe, arm, isIteration: true)),
            .. recipe.Controls.Select(control => OfTrained(recipe, Arm.Control(control), isIteration: false)),
        ];
        return new(recipe, card, One<RunSummary>(RunSummary.FileName), questions, contents, missing);
    }

    private ArmContents OfBase() => Evaluated<MeasureTable>(new(Arm.Base), answers: true);

    private ArmContents OfTrained(Recipe recipe, Arm arm, bool isIteration)
    {
        if (!store.Exists(arm.Folder))
        {
            missing.Add($"{arm.Folder}: {arm.Name} has not begun.");
            return new(arm);
        }

        var evaluated = Evaluated<ArmSummary>(new(arm), answers: isIteration);
        return !arm.IsTrained ? evaluated : evaluated with
        {
            Choice = isIteration && recipe.Keep == IterationKeep.BestOnDev ? One<DevChoice>(arm.File(DevChoice.FileName)) : null,
            TrainingVerdicts = isIteration ? Many<ResponseVerdicts>(arm.File("verdicts.jsonl")) : [],
            Rewards = Many<ResponseReward>(arm.File("rewards.jsonl")),
            Funnel = Many<FunnelStep>(arm.File("funnel.jsonl")),
            Statistics = Many<PairStatistics>(arm.File("pair-statistics.jsonl")),
            Pairs = Many<PreferencePair>(arm.File("pairs.jsonl")),
            Steps = Many<TrainingStep>(arm.File("training.jsonl")),
            Training = One<TrainingResult>(arm.File("training.json")),
            Divergence = recipe.Evaluation.KlResponses == 0 ? null : One<Divergence>(arm.File(Divergence.FileName)),
        };
    }

    private ArmContents Evaluated<T>(ArmContents contents, bool answers)
        where T : MeasureTable
    {
        var arm = contents.Arm;
        return contents with
        {
            Measures = One<T>(arm.File("evaluation.json")),
            HeldOut = Many<ResponseMeasures>(arm.File("evaluation/measures.jsonl")),
            Answers = answers ? Many<Response>(arm.File("evaluation/responses.jsonl")) : [],
            Verdicts = Many<ResponseVerdicts>(arm.File("evaluation/verdicts.jsonl")),
        };
    }

    private T? One<T>(string name)
        where T : class =>
        Try(name, () => JsonFile.Read<T>(store, name));

    private List<T> Many<T>(string name) => Try(name, () => Jsonl.Read<T>(store, name)) ?? [];

    private T? Try<T>(string name, Func<T> read)
        where T : class
    {
        try
        {
            if (store.Exists(name))
            {
                var contents = read();
                return NullElements.Occur(store.Read(name))
                    ? throw new RequestException($"{name}: a list in this file holds null. Delete the file and run again: only what is missing is done again.")
                    : contents;
            }

            missing.Add($"{name}: the run has not come to it, or it was removed.");
        }
        catch (RequestException e)
        {
            missing.Add(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            missing.Add($"{name}: cannot be read ({e.Message}).");
        }

        return null;
    }
}
