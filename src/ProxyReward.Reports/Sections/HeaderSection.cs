using ProxyReward.Evaluation;
using ProxyReward.Recipes;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Runs;

namespace ProxyReward.Reports.Sections;

/// <summary>Which run this is, what was tried, and what came out in a few sentences.</summary>
internal static class HeaderSection
{
    public static Html Of(RunContents run) => Html.Of($"""
        <header>
        <h1>{run.Recipe.Name}: a ProxyReward run</h1>
        <p class="explanation">ProxyReward (arXiv 2506.16024) makes a language model write better long answers without model answers to copy:
        a reader who sees an answer and nothing else settles true-or-false statements about the subject, the share it gets right is the
        answer's reward, and the model is trained to prefer its own better answers.</p>
        {Simulated(run)}{Run(run)}
        </header>

        """);

    /// <summary>What came out, in a few sentences.</summary>
    public static Section InShort(RunContents run) => new("In short", Html.None, Html.Of($"""
        <ul>
        {Sentences(run).Select(sentence => Html.Of($"<li>{sentence}</li>\n"))}</ul>
        """));

    private static Html Simulated(RunContents run) => !run.Simulated ? Html.None : Html.Of($"""
        <p class="banner"><strong>SIMULATED.</strong> The questions are about a closed, fictional world whose facts are known, and the readers
        and judges are simulations. The numbers say how the method behaves in this world. They are not comparable with the paper's.</p>
        """);

    private static Html Run(RunContents run)
    {
        var questions = run.Questions;
        return Html.Of($"""
            <dl>
            <dt>Model</dt><dd>{run.Recipe.Model}</dd>
            <dt>Questions</dt><dd>{questions.Train.Count} to train on ({run.Recipe.Questions.Train}), {questions.Dev.Count} kept apart{(run.Recipe.Questions.Dev is { } dev ? $" ({dev})" : "")}, {questions.HeldOut.Count} held out for the comparison ({run.Recipe.Questions.HeldOut})</dd>
            <dt>Seeds</dt><dd>seed {run.Recipe.Seed.ToString()}, split seed {run.Recipe.Lab.SplitSeed}</dd>
            {Card(run)}</dl>
            """);
    }

    private static Html Card(RunContents run) => run.Card is not { } card ? Html.None : Html.Of($"""
        <dt>Machine</dt><dd>{List(card.Machine)}</dd>
        <dt>Versions</dt><dd>ProxyReward {card.Version}; {List(card.Engine)}</dd>
        <dt>SHA-256</dt><dd>{List(card.Hashes, most: 12)}</dd>

        """);

    private static string List(IReadOnlyDictionary<string, string> facts, int most = int.MaxValue) =>
        string.Join("; ", facts.Select(fact => $"{fact.Key} {(fact.Value?.Length > most ? fact.Value[..most] + "…" : fact.Value)}"));

    private static IEnumerable<string> Sentences(RunContents run)
    {
        if (run.Base.Measures is not { Accuracy: { } start } before)
        {
            yield return "The base model has not been evaluated yet: there is nothing to compare with.";
            yield break;
        }

        yield return $"The base model's answers settle {Figures.PercentWithInterval(start)} of the held-out statements rightly.";
        if (run.Last is { Outcome: { Accuracy: { } accuracy } after } last)
        {
            var difference = after.DifferenceToBase;
            yield return $"After {last.Arm.Name} it is {Figures.PercentWithInterval(accuracy)}.";
            if (last.Choice?.Kept is { } kept && kept != last.Arm.Name)
            {
                yield return $"The dev questions rolled {last.Arm.Name} back: the loop ends with {kept}.";
            }

            yield return $"Question by question that is a difference of {Figures.PointsWithInterval(difference.Accuracy)}: {Meaning(difference.Accuracy)}.";
            yield return "Within the first 120 tokens, where writing more cannot help, the difference is "
                + $"{Figures.PointsWithInterval(difference.AccuracyAt120)}: {Meaning(difference.AccuracyAt120)}.";
            if (before.LengthTokens is { } shorter && after.LengthTokens is { } longer)
            {
                yield return $"The answers went from {Figures.Count(shorter.Mean)} to {Figures.Count(longer.Mean)} tokens on average.";
            }
        }

        var trainedColder = Arm.Control(ControlKind.TrainedTemperature);
        if (run.Controls.Where(c => c.Arm != trainedColder && c.Outcome?.Accuracy is not null).MaxBy(c => c.Outcome!.Accuracy!.Mean) is { } best)
        {
            yield return "Of the controls (one iteration for another reward, or the base sampled colder) "
                + $"{best.Arm.Name} came highest: {Figures.PercentWithInterval(best.Outcome!.Accuracy!)}.";
        }

        if (run.Controls.FirstOrDefault(c => c.Arm == trainedColder) is { Outcome.Accuracy: { } colder })
        {
            yield return FormattableString.Invariant($"Sampled at temperature {run.Recipe.Evaluation.ControlTemperature}, as control temperature is, iteration 1 settles {Figures.PercentWithInterval(colder)}.");
        }

        if (run.Recipe.Questions is { Train: QuestionOptions.Pocket, HeldOut: QuestionOptions.Pocket })
        {
            yield return "Training and held-out questions come from one generator: on questions of another make the difference may be another.";
        }

        if (run.Recipe.EvaluationReader == run.Recipe.TrainingReader)
        {
            yield return $"The reader that gave the rewards ({RecipeFile.Spell(run.Recipe.Reader)}) also judged the held-out answers: "
                + "what it misreads is part of both.";
        }
    }

    private static string Meaning(Estimate difference) => difference switch
    {
        { Low: > 0 } => "the interval lies above 0, an improvement",
        { High: < 0 } => "the interval lies below 0, a loss",
        _ => "the interval includes 0, so that no difference is shown",
    };
}
