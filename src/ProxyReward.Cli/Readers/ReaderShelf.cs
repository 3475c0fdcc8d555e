using System.Text.Json;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Prompts;
using ProxyReward.Clients.Reading;
using ProxyReward.Evaluation.Readers;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Reading;
using ProxyReward.Recipes;
using ProxyReward.Runs;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Readers;

/// <summary>Opens the readers that a recipe names, each when it is first asked for and once. Thread-safe.</summary>
/// <param name="world">The pocket lab's.</param>
/// <param name="models">Opens models that are asked; disposed with this.</param>
/// <param name="recipeFolder">Where relative paths are looked for after the working directory.</param>
/// <param name="recipe">Names them.</param>
internal sealed class ReaderShelf(Lazy<World> world, AskedModels models, string recipeFolder, Recipe recipe) : IDisposable
{
    private readonly Dictionary<ReaderChoice, IReader> readers = [];
    private readonly Dictionary<ReadingOptions, LogitReader> logits = [];
    private readonly Lock gate = new();

    /// <summary>The reader of a choice.</summary>
    /// <exception cref="RequestException">It cannot be opened.</exception>
    public IReader Of(ReaderChoice choice)
    {
        lock (gate)
        {
            if (!readers.TryGetValue(choice, out var reader))
            {
                readers[choice] = reader = Open(choice.Kind, choice.Options);
            }

            return reader;
        }
    }

    /// <summary>The reader of a choice for its n-th reading of the same texts: another seed, where it has one.</summary>
    public IReader Reading(ReaderChoice choice, int reading) =>
        choice.Kind == ReaderKind.Chat && reading > 0 ? Chat(choice.Options, reading * choice.Options.Repeats) : Of(choice);

    /// <summary>The logit reader behind a choice, whose log-probs can be seen.</summary>
    public LogitReader Logit(ReadingOptions options)
    {
        lock (gate)
        {
            if (!logits.TryGetValue(options, out var reader))
            {
                var calibration = CalibrationOf(new(ReaderKind.Logit, options))?.Logit ?? LogitCalibration.None;
                logits[options] = reader = LogitReader.Open(Model(options), Form(options), calibration, chat: recipe.Chat);
            }

            return reader;
        }
    }

    /// <summary>Refuses a reader that could not be opened, before hours are spent on what it is to read. Loads nothing.</summary>
    /// <exception cref="RequestException">Its model, its key, its prompt or its calibration is not there; names the key of the recipe.</exception>
    public void Require(ReaderChoice choice)
    {
        if (choice.Kind is ReaderKind.Chat or ReaderKind.Logit or ReaderKind.Entailment)
        {
            models.Require(choice.Options, SectionOf(choice.Options));
        }

        if (choice.Kind == ReaderKind.Chat)
        {
            Prompt.Load(ChatReader.PromptName, Prompts(choice.Options)).Fill(ChatReader.Values([], new UntrustedText("")));
        }
        else if (choice.Kind == ReaderKind.Logit)
        {
            Form(choice.Options);
        }

        CalibrationOf(choice);
    }

    /// <summary>Refuses to train with a reader that is no better than one that says the same of everything, or, for a logit reader, that nobody has measured.</summary>
    /// <exception cref="RequestException">It is, and the recipe does not force it.</exception>
    public void RequireUseful(ReaderChoice choice)
    {
        if (choice.Options.Force)
        {
            return;
        }

        const string Measure = "`read RECIPE --calibrate --out FILE`";
        if (CalibrationOf(choice) is not { } calibration)
        {
            if (choice.Kind == ReaderKind.Logit)
            {
                throw new RequestException($"reader: logit: nobody has measured this reader. Measure it with {Measure} and name the file as reading.calibration, or set reading.force: true.");
            }

            return;
        }

        if (!calibration.Report.IsUseful)
        {
            throw new RequestException(FormattableString.Invariant(
                $"reading.calibration: this reader agrees in {calibration.Report.Agreement.Mean:P1} of the labels (95 % interval from {calibration.Report.Agreement.Low:P1}), one that says the same of everything in {calibration.Report.AlwaysTheSame.Mean:P1}, and its rewards correlate with the labels' by {calibration.Report.RewardCorrelation ?? 0:F2}. Choose another reader or model, or set reading.force: true."));
        }
    }

    /// <summary>What identifies the model and prompt of a reader in its calibration.</summary>
    public (string Model, string? Prompt) IdentityOf(ReaderChoice choice) => choice.Kind switch
    {
        ReaderKind.Logit => (HashOf(choice.Options) + Told, Form(choice.Options).Hash),
        ReaderKind.Chat => (
            choice.Options.Endpoint is null ? HashOf(choice.Options) + Told : choice.Options.Model!,
            Prompt.Load(ChatReader.PromptName, Prompts(choice.Options)).Hash),
        ReaderKind.Entailment => (HashOf(choice.Options), null),
        _ => (RecipeFile.Spell(choice.Kind), null),
    };

    private string HashOf(ReadingOptions options) => RunCard.HashOfModel(CheckpointLocator.PartsOf(Model(options)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var reader in logits.Values)
        {
            reader.Dispose();
        }

        models.Dispose();
    }

    private string Told => recipe.Chat.Line is { Length: > 0 } line ? $" ({line})" : "";

    private IReader Open(ReaderKind kind, ReadingOptions options) => kind switch
    {
        ReaderKind.Exact => new ExactReader(world.Value),
        ReaderKind.Value => new ValueReader(world.Value),
        ReaderKind.Evidence => new EvidenceReader(),
        ReaderKind.Chat => Chat(options, first: 0),
        ReaderKind.Logit => Windowed(Logit(options), options),
        ReaderKind.Entailment => models.OpenEntailment(options, SectionOf(options)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such reader"),
    };

    private IReader Chat(ReadingOptions options, int first)
    {
        // An attempt adds to the seed: the readings keep clear of each other's.
        var readings = Enumerable.Range(first, options.Repeats)
            .Select(reading => new ChatReader(models.Open(options, SectionOf(options), recipe.Seed + (reading * options.Attempts)), options.Ask))
            .Select(IReader (reader) => options.WindowTokens == 0 ? reader : new WindowedReader(reader, options.WindowTokens, options.Overlap, TokenEstimate.OfText))
            .ToList();
        return readings.Count == 1 ? readings[0] : new RepeatedReader(readings);
    }

    private static WindowedReader Windowed(LogitReader reader, ReadingOptions options)
    {
        var window = options.WindowTokens == 0 ? reader.Room : Math.Min(options.WindowTokens, reader.Room);
        return new WindowedReader(reader, window, Math.Min(options.Overlap, window / 2), reader.Count);
    }

    private ReadingForm Form(ReadingOptions options) => ReadingForm.Load(Prompts(options));

    private string? Prompts(ReadingOptions options) =>
        options.Prompts is { } prompts ? RecipeFile.Locate(prompts, recipeFolder, $"{SectionOf(options)}.prompts") : null;

    private string Model(ReadingOptions options) => ModelPath.Locate(options.Model!, recipeFolder, $"{SectionOf(options)}.model");

    // Two sections that say the same share a reader, and the first of them its name.
    private string SectionOf(ReadingOptions options) =>
        options == recipe.Reading ? "reading"
        : recipe.Evaluation.Reader is not null && options == recipe.Evaluation.Reading ? "evaluation.reading"
        : recipe.Pairs.SecondReader is not null && options == recipe.Pairs.SecondReading ? "pairs.second_reading"
        : "reading";

    private ReaderCalibration? CalibrationOf(ReaderChoice choice)
    {
        if (choice.Options.Calibration is not { } named)
        {
            return null;
        }

        var section = SectionOf(choice.Options);
        var path = RecipeFile.Locate(named, recipeFolder, $"{section}.calibration");
        ReaderCalibration calibration;
        try
        {
            calibration = JsonSerializer.Deserialize<ReaderCalibration>(File.ReadAllBytes(path), Json.Line) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new RequestException($"{section}.calibration: {path}: is no calibration ({Json.Fault(e).TrimEnd('.')}). Make one with `read RECIPE --calibrate --out {named}`.", e);
        }

        return (calibration.Model, calibration.Prompt) == IdentityOf(choice) && calibration.Reader == RecipeFile.Spell(choice.Kind)
            ? calibration
            : throw new RequestException($"{section}.calibration: {path}: was made for another reader, model or prompt. Measure this one: `read RECIPE --calibrate --out {named}`.");
    }
}
