using System.Text.Json;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Prompts;
using ProxyReward.Clients.Reading;
using ProxyReward.Evaluation.Readers;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Models.Reading;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Runs;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Readers;

/// <summary>Opens the readers that a recipe names, each when it is first asked for and once. Thread-safe.</summary>
/// <param name="world">The pocket lab's.</param>
/// <param name="models">Opens models that are asked; disposed with this.</param>
/// <param name="recipeFolder">Where relative paths are looked for after the working directory.</param>
/// <param name="seed">The recipe's.</param>
/// <param name="chat">What the chat templates of models on this machine are told.</param>
internal sealed class ReaderShelf(Lazy<World> world, AskedModels models, string recipeFolder, long seed, ChatTemplateOptions chat) : IDisposable
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
                logits[options] = reader = LogitReader.Open(ModelPath.Locate(options.Model!, recipeFolder, "reading.model"), Form(options), calibration, chat: chat);
            }

            return reader;
        }
    }

    /// <summary>Finds the model that a reader asks on this machine, before hours are spent on what it is to read.</summary>
    /// <exception cref="RequestException">It is not there.</exception>
    public void RequirePresent(ReaderChoice choice)
    {
        if (choice is { Kind: ReaderKind.Logit or ReaderKind.Entailment or ReaderKind.Chat, Options: { Endpoint: null, Model: { } model } })
        {
            ModelPath.Locate(model, recipeFolder, "reading.model");
        }
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
        ReaderKind.Logit => (HashOf(choice) + Told, Form(choice.Options).Hash),
        ReaderKind.Chat => (
            choice.Options.Endpoint is null ? HashOf(choice) + Told : choice.Options.Model!,
            Prompt.Load(ChatReader.PromptName, choice.Options.Prompts is { } prompts ? Locate(prompts, "prompts") : null).Hash),
        ReaderKind.Entailment => (HashOf(choice), null),
        _ => (RecipeFile.Spell(choice.Kind), null),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var reader in logits.Values)
        {
            reader.Dispose();
        }

        models.Dispose();
    }

    private string Told => chat.Line.Length == 0 ? "" : $" ({chat.Line})";

    private string HashOf(ReaderChoice choice) => RunCard.HashOfModel(ModelPath.Locate(choice.Options.Model!, recipeFolder, "reading.model"));

    private IReader Open(ReaderKind kind, ReadingOptions options) => kind switch
    {
        ReaderKind.Exact => new ExactReader(world.Value),
        ReaderKind.Value => new ValueReader(world.Value),
        ReaderKind.Evidence => new EvidenceReader(),
        ReaderKind.Chat => Chat(options, first: 0),
        ReaderKind.Logit => Windowed(Logit(options), options),
        ReaderKind.Entailment => models.OpenEntailment(options, "reading"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such reader"),
    };

    private IReader Chat(ReadingOptions options, int first)
    {
        // An attempt adds to the seed: the readings keep clear of each other's.
        var readings = Enumerable.Range(first, options.Repeats)
            .Select(reading => new ChatReader(models.Open(options, "reading", seed + (reading * options.Attempts)), options.Ask))
            .Select(IReader (reader) => options.WindowTokens == 0 ? reader : new WindowedReader(reader, options.WindowTokens, options.Overlap, TokenEstimate.OfText))
            .ToList();
        return readings.Count == 1 ? readings[0] : new RepeatedReader(readings);
    }

    private static WindowedReader Windowed(LogitReader reader, ReadingOptions options)
    {
        var window = options.WindowTokens == 0 ? reader.Room : Math.Min(options.WindowTokens, reader.Room);
        return new WindowedReader(reader, window, Math.Min(options.Overlap, window / 2), reader.Count);
    }

    private ReadingForm Form(ReadingOptions options) => ReadingForm.Load(options.Prompts is { } prompts ? Locate(prompts, "prompts") : null);

    private ReaderCalibration? CalibrationOf(ReaderChoice choice)
    {
        if (choice.Options.Calibration is not { } named)
        {
            return null;
        }

        var path = Locate(named, "calibration");
        ReaderCalibration calibration;
        try
        {
            calibration = JsonSerializer.Deserialize<ReaderCalibration>(File.ReadAllBytes(path), Json.Line) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new RequestException($"reading.calibration: {path}: is no calibration ({e.Message.Split(" Path: ", 2)[0]}). Make one with `read RECIPE --calibrate --out {named}`.", e);
        }

        return (calibration.Model, calibration.Prompt) == IdentityOf(choice) && calibration.Reader == RecipeFile.Spell(choice.Kind)
            ? calibration
            : throw new RequestException($"reading.calibration: {path}: was made for another reader, model or prompt. Measure this one: `read RECIPE --calibrate --out {named}`.");
    }

    private string Locate(string path, string key) => RecipeFile.Locate(path, recipeFolder, $"reading.{key}");
}
