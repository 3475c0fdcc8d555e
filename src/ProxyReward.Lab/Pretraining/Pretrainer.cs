using ProxyReward.Lab.Corpus;
using ProxyReward.Models.Optimization;
using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Lab.Pretraining;

/// <summary>One step of pretraining.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Loss">Weighted mean negative log-prob, in nats a token.</param>
/// <param name="ArticleLoss">The same over articles alone.</param>
/// <param name="GradNorm">Before clipping.</param>
/// <param name="Tokens">Tokens seen in this step.</param>
public sealed record PretrainingStep(int Step, double Loss, double ArticleLoss, double GradNorm, int Tokens);

/// <summary>
/// Pretrains a pocket model on its corpus: whole documents end to end, each attending to itself alone. Step s reads documents
/// s · n … s · n + n − 1, so a run that was stopped goes on from its last saved state and ends with the same bytes.
/// </summary>
public static class Pretrainer
{
    /// <param name="model">Its weights are drawn anew, or taken from the state.</param>
    /// <param name="statePath">Where the resumable state is kept.</param>
    /// <param name="onStep">Told after every step.</param>
    public static void Run(
        LanguageModel model,
        Tokenizer tokenizer,
        PretrainingCorpus corpus,
        PretrainingOptions options,
        string statePath,
        Action<PretrainingStep> onStep,
        CancellationToken cancellationToken)
    {
        using var optimizer = new AdamW(model.Parameters, .9, .95, 1e-8, options.WeightDecay);
        using var gradients = new Gradients(model.Parameters.Layout);
        if (!TrainingState.TryLoad(statePath, model.Parameters, optimizer))
        {
            Initializer.Draw(model.Parameters, options.Layers, options.Seed);
        }

        while (optimizer.Steps < options.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = optimizer.Steps;
            var first = (long)step * options.DocumentsPerStep;
            var documents = Enumerable.Range(0, options.DocumentsPerStep)
                .Select(i => TokenizedDocument.Of(corpus.Document(first + i), tokenizer))
                .Where(document => document.Tokens.Count <= options.MaxPositions)
                .ToList();
            gradients.Clear();
            var (loss, articleLoss) = Backward(model, documents, gradients);
            var norm = optimizer.Step(gradients, options.LearningRateAt(step), options.MaxGradNorm);
            onStep(new PretrainingStep(step + 1, loss, articleLoss, norm, documents.Sum(document => document.Tokens.Count)));
            if (optimizer.Steps % options.SaveEvery == 0 || optimizer.Steps == options.Steps)
            {
                TrainingState.Save(statePath, model.Parameters, optimizer);
            }
        }
    }

    private static (double Loss, double ArticleLoss) Backward(LanguageModel model, List<TokenizedDocument> documents, Gradients gradients)
    {
        // The last token of a document predicts nothing: it is left out of the input.
        var batch = new PackedBatch([.. documents.Select(document => document.Tokens.Take(document.Tokens.Count - 1).ToArray())]);
        int[] targets = [.. documents.SelectMany(document => document.Tokens.Skip(1))];
        float[] weights = [.. documents.SelectMany(document => document.Weights.Skip(1))];
        var total = weights.Sum();
        var logProbs = model.LossAndGradients(batch, targets, [.. weights.Select(weight => -weight / total)], gradients);
        return (
            Mean(logProbs, weights),
            Mean(logProbs, [.. documents.SelectMany(document => document.Weights.Skip(1).Select(weight => document.Kind == DocumentKind.Article ? weight : 0))]));
    }

    private static double Mean(float[] logProbs, float[] weights)
    {
        double sum = 0, total = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum -= weights[i] * logProbs[i];
            total += weights[i];
        }

        return total == 0 ? 0 : sum / total;
    }
}
