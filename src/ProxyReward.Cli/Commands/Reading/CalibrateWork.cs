using ProxyReward.Cli.Readers;
using ProxyReward.Evaluation;
using ProxyReward.Evaluation.Readers;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Models.Reading;
using ProxyReward.Recipes;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Commands.Reading;

/// <summary>Measures the reader of a recipe, and fits a logit reader first, on texts that it is not measured on.</summary>
internal static class CalibrateWork
{
    // A prior is a mean over statements: so many questions are enough for three numbers.
    private const int QuestionsForPriors = 16;

    public static async Task<ReaderCalibration> RunAsync(
        Recipe recipe, ReaderShelf readers, string? file, int count, int repeats, Action<string> onStep, CancellationToken cancellationToken)
    {
        var choice = recipe.TrainingReader with { Options = recipe.Reading with { Calibration = null } };
        var (toFit, toMeasure) = await TextsAsync(recipe, choice.Kind, file, count, cancellationToken);
        if (choice.Kind == ReaderKind.Logit)
        {
            onStep($"fits {toFit.Count} texts");
            var logit = readers.Logit(choice.Options);
            logit.Calibration = await FitAsync(logit, toFit, cancellationToken);
        }

        onStep($"reads {toMeasure.Count} other texts");
        var (model, prompt) = readers.IdentityOf(choice);
        var report = await new ReaderTrial(reading => readers.Reading(choice, reading), new Bootstrap(recipe.Seed, recipe.Evaluation.BootstrapDraws))
            .RunAsync(toMeasure, repeats, twins: choice.Kind is not (ReaderKind.Exact or ReaderKind.Value), cancellationToken);
        return new(RecipeFile.Spell(choice.Kind), model, prompt, choice.Kind == ReaderKind.Logit ? readers.Logit(choice.Options).Calibration : null, report);
    }

    private static async Task<(IReadOnlyList<LabelledText> ToFit, IReadOnlyList<LabelledText> ToMeasure)> TextsAsync(
        Recipe recipe, ReaderKind kind, string? file, int count, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            var texts = LabelledText.Load(file);
            if (kind != ReaderKind.Logit)
            {
                return ([], texts);
            }

            return texts.Count > 1
                ? ([.. texts.Where((_, i) => i % 2 == 0)], [.. texts.Where((_, i) => i % 2 == 1)])
                : throw new RequestException($"{file}: holds one text. A logit reader is fitted on every other text and measured on the rest: give more.");
        }

        if (recipe.Questions.Train != QuestionOptions.Pocket)
        {
            throw new RequestException("--calibrate: only the pocket lab has texts whose verdicts are known. Give some with --texts FILE.");
        }

        var world = new WorldTexts(Composition.WorldOf(recipe).Value, recipe.Seed);
        return (
            kind == ReaderKind.Logit ? await world.LabelledAsync(EntitySplit.Train, count, cancellationToken) : [],
            await world.LabelledAsync(EntitySplit.HeldOut, count, cancellationToken));
    }

    private static async Task<LogitCalibration> FitAsync(LogitReader reader, IReadOnlyList<LabelledText> texts, CancellationToken cancellationToken)
    {
        var empty = new List<double[]>();
        foreach (var question in texts.DistinctBy(text => text.Question.Id).Take(QuestionsForPriors).Select(text => text.Question))
        {
            foreach (var nothing in LogitFit.ContentFree)
            {
                empty.AddRange(await reader.ScoreAsync(question, nothing, cancellationToken));
            }
        }

        var labelled = new List<(IReadOnlyList<double>, Verdict)>();
        foreach (var text in texts.Where(text => reader.Count(text.Text) <= reader.Room))
        {
            labelled.AddRange((await reader.ScoreAsync(text.Question, text.Text, cancellationToken)).Zip(text.Labels, (scores, label) => ((IReadOnlyList<double>)scores, label)));
        }

        return LogitFit.Of(labelled, LogitFit.Priors(empty));
    }
}
