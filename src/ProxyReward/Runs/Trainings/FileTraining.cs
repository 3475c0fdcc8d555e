using System.Text;
using ProxyReward.Recipes;
using ProxyReward.Training;

namespace ProxyReward.Runs.Trainings;

/// <summary>What a training without a run is asked to do.</summary>
/// <param name="Model">A Hugging Face folder, a GGUF or a PEFT adapter.</param>
/// <param name="Pairs">Preference pairs, see <see cref="PreferenceFile"/>, or the pairs.jsonl of a run.</param>
/// <param name="Eval">Pairs that are scored and never learnt; null: none.</param>
/// <param name="Settings">Everything else.</param>
public sealed record FileTrainingRequest(string Model, string Pairs, string? Eval, TrainingSettings Settings);

/// <summary>
/// DPO on a file of pairs, into a folder of its own: settings.yaml, train.json, training.jsonl, training-eval.jsonl, alarms.jsonl, training.json, a
/// TensorBoard event file, and checkpoint/. The caller holds the <see cref="RunLock"/>.
/// </summary>
/// <param name="store">The folder.</param>
/// <param name="progress">Is told.</param>
public sealed class FileTraining(IRunStore store, IRunProgress progress)
{
    private const string SettingsName = "settings.yaml";

    // Of a run, or of another training: whoever began without settings would go on with its numbers.
    private static readonly string[] Results =
    [
        Runs.Run.RecipeName, Place("").Checkpoint, CheckpointTraining.ResultName, CheckpointTraining.StateName, TrainingLog.StepsName, TrainingLog.ScoresName, TrainingLog.AlarmsName, EventFile.Name,
    ];

    /// <summary>Trains, or goes on with the training that is there.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="policies">Opens the model.</param>
    /// <param name="engine">What train.json says about the engine.</param>
    /// <param name="beginning">Told, once the request and the folder are found good and before the model is opened, whether there is anything left to train.</param>
    /// <param name="cancellationToken">Stops between steps, resumable.</param>
    /// <exception cref="RequestException">The files cannot be trained on, or the folder holds another training.</exception>
    public TrainingResult Run(
        FileTrainingRequest request, IPolicyLoader policies, IReadOnlyDictionary<string, string> engine, Action<bool> beginning, CancellationToken cancellationToken)
    {
        if (request.Eval is null && request.Settings.Dev != new DevOptions())
        {
            throw new RequestException("--set dev.…: there are no dev pairs to score. Name a file with --eval, or remove these keys.");
        }

        var data = DataOf(request);
        var (begun, now) = Begin(request, policies, data, engine);
        var (arm, training) = (Named, TrainingOf(request));
        var works = !training.IsDone;
        if (works)
        {
            CompareEngines(begun, now, arm.Name);
        }

        beginning(works);
        if (works)
        {
            using var policy = policies.Load(request.Model, request.Settings.Dpo.Precision, request.Settings.Chat);
            training.Do(
                policy,
                data,
                (unit, done, total) => new StageWork((arm, Stage.Train, unit), (done, total), progress, TimeProvider.System, _ => { }),
                cancellationToken);
        }

        training.Clear();
        return training.Result;
    }

    /// <summary>Takes part, as one of several processes, in the training that <see cref="Run"/> does in the first of them; writes nothing.</summary>
    public void Follow(FileTrainingRequest request, IPolicyLoader policies, CancellationToken cancellationToken)
    {
        using var policy = policies.Load(request.Model, request.Settings.Dpo.Precision, request.Settings.Chat);
        TrainingOf(request).Follow(policy, DataOf(request), cancellationToken);
    }

    private Arm Named => Place(Path.GetFileName(Path.TrimEndingDirectorySeparator(store.PathOf(""))));

    private CheckpointTraining TrainingOf(FileTrainingRequest request) => new(
        store, Named, request.Settings.Dpo with { Seed = request.Settings.Seed }, progress, TimeProvider.System);

    private static TrainingData DataOf(FileTrainingRequest request) => new(ReadPairs(request.Pairs))
    {
        Dev = request.Eval is { } eval ? ReadPairs(eval) : [],
        DevOptions = request.Settings.Dev,
    };

    private static Arm Place(string name) => new(name, "", 1, null);

    private static IReadOnlyList<TrainingExample> ReadPairs(string path) => RunPairs.IsOfRun(path) ? RunPairs.OfFile(path) : PreferenceFile.Read(path);

    // The settings come last: a folder with settings has everything that a training begins with.
    private (TrainingCard Begun, TrainingCard Now) Begin(FileTrainingRequest request, IPolicyLoader policies, TrainingData data, IReadOnlyDictionary<string, string> engine)
    {
        var asked = RecipeFile.Write(request.Settings);
        var card = TrainingCard.Of(request, policies, data, engine);
        if (!store.Exists(SettingsName))
        {
            if (Array.Find(Results, store.Exists) is { } other)
            {
                throw new RequestException($"{store.PathOf(other)}: this folder holds something else already. Choose another with --out, or remove what is left of it.");
            }

            JsonFile.Write(store, TrainingCard.Name, card);
            store.Write(SettingsName, Encoding.UTF8.GetBytes(asked));
        }

        var there = Encoding.UTF8.GetString(store.Read(SettingsName));
        if (SettingChange.Between(there, asked) is [var change, ..])
        {
            throw new RequestException($"{store.PathOf(SettingsName)}: this folder holds a training with other settings ({change}). Choose another folder with --out.");
        }

        var begun = JsonFile.Read<TrainingCard>(store, TrainingCard.Name);
        if (begun.ChangedIn(card) is { } changed)
        {
            throw new RequestException($"{store.PathOf(TrainingCard.Name)}: this training was begun with another {Spoken(changed)}. Put that back, or choose another folder with --out.");
        }

        return (begun, card);
    }

    private void CompareEngines(TrainingCard begun, TrainingCard now, string name)
    {
        if (begun.OtherPrecision(now) is var (there, here))
        {
            throw new RequestException(
                $"{store.PathOf(TrainingCard.Name)}: this training was begun with products in {there}, and here they would be in {here} (dpo.precision: auto takes what the processor has). Go on where it began, or begin again in another folder with --out and --set dpo.precision={there}.");
        }

        if (string.Join("; ", begun.OtherRounding(now)) is { Length: > 0 } others)
        {
            progress.Note($"warning  {name}: the training was begun with {others}. It goes on, but not bit for bit as it would have there.");
        }
    }

    private static string Spoken(string name) => name switch
    {
        "model" => "model",
        "pairs" => "set of pairs",
        _ => "set of dev pairs (--eval)",
    };
}
