using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Cli.Results;

/// <summary>What a checkpoint is, for people.</summary>
internal static class ModelTable
{
    /// <param name="length">Tokens of a sequence that the memory was estimated for.</param>
    /// <param name="batch">Sequences at a time that the memory was estimated for.</param>
    public static string Of(CheckpointSummary summary, int length, int batch)
    {
        var (shape, text) = (summary.Shape, summary.Text);
        return Lines(Rows());

        IEnumerable<(string Name, string Value)> Rows()
        {
            yield return ("path", summary.Path);
            yield return ("format", summary.Format);
            if (summary.Adapter is { Lora: var lora } adapter)
            {
                yield return ("base", adapter.Base);
                yield return ("adapter", $"{(lora.RankStabilised ? "rsLoRA" : "LoRA")} of rank {lora.Rank}, alpha {lora.Alpha:0.###}, on {string.Join(", ", lora.TargetModules)}; merged into the base as it is read");
            }

            yield return ("family", shape.Family);
            yield return ("layers", $"{shape.Layers}, hidden {shape.HiddenSize}, inner {shape.IntermediateSize}");
            yield return ("attention", $"{shape.Heads} heads over {shape.KeyValueHeads} of key and value, each {shape.HeadDim} wide{Sliding(shape)}{Extras(shape)}");
            yield return ("positions", $"{shape.MaxPositions}, rotary base {shape.RopeTheta:0.###}{(shape.RopeScaling is { } scaling ? $", scaled ({scaling.Kind})" : "")}");
            yield return ("vocabulary", $"{shape.VocabSize}{(shape.TieWordEmbeddings ? ", the head is the embedding" : "")}");
            yield return ("parameters", $"{summary.Parameters:N0}");
            yield return ("precision", Precision(summary.Precision));
            yield return ("tokenizer", Tokenizer(text.Tokenizer, text.NoTokenizer) + (text.Tokenizer?.Ids > shape.VocabSize ? $"; texts with one from {shape.VocabSize} on are refused" : ""));
            yield return ("special", Special(text));
            yield return ("chat", text.NoChat is { } why ? $"cannot be asked: {why}" : $"a template of {text.ChatTemplate:N0} characters");
            yield return ("memory", $"for {batch} sequences of {length} tokens: {MemoryLimit.Gigabytes(summary.Sampling.Peak)} to sample, "
                + $"{MemoryLimit.Gigabytes(summary.Training.Peak)} to train in full, {MemoryLimit.Gigabytes(summary.LoraTraining.Peak)} to train LoRA of rank {CheckpointSummary.UsualLora.Rank}");
            foreach (var (what, plan, mends) in new[] { ("sampling", summary.Sampling, summary.SamplingMends), ("training in full", summary.Training, summary.TrainingMends) })
            {
                if (plan.Peak > summary.Memory)
                {
                    yield return ("", $"{what} is more than the {MemoryLimit.Gigabytes(summary.Memory)} that this process may have: {MemoryMend.Text(mends)}");
                }
            }
        }
    }

    /// <summary>A line a row. What files say may stand in a row: nothing of it is a command to a terminal.</summary>
    internal static string Lines(IEnumerable<(string Name, string Value)> rows) =>
        string.Join('\n', rows.Select(row => $"{row.Name,-12}{new string([.. row.Value.Select(c => char.IsControl(c) ? '\uFFFD' : c)])}"));

    internal static string Precision(IReadOnlyList<StoredPrecision> stored) =>
        string.Join(", ", stored.Select(type => $"{type.Type} {type.Parameters / (double)stored.Sum(all => all.Parameters):P1}"));

    internal static string Tokenizer(TokenizerSummary? tokenizer, string? why) => tokenizer is null
        ? $"cannot be given text: {why}"
        : $"{tokenizer.Kind}, {tokenizer.Ids:N0} ids, {tokenizer.AddedTokens:N0} of them added; splits text {tokenizer.Splitting}";

    private static string Special(TextSummary text)
    {
        return $"bos {Token(text.Bos)}, eos {Token(text.Eos)}, pad {Token(text.Pad)}; stops at {(text.Stops.Count > 0 ? string.Join(", ", text.Stops.Select(Token)) : "none")}";

        string Token(SpecialToken? token) => token is null ? "none"
            : token.Text is { } name ? $"{token.Id} {JsonSerializer.Serialize(name, Json.Line)}"
            : text.Tokenizer is null ? $"{token.Id}"
            : $"{token.Id} (no such token)";
    }

    private static string Sliding(ModelConfig shape) => shape.SlidingWindow is { } window
        ? $", sliding over {window} tokens in {shape.SlidingLayers.Count(slides => slides)} layers"
        : "";

    private static string Extras(ModelConfig shape) =>
        (shape.QkvBias || shape.OutputBias ? ", biases" : "") + (shape.QkNorm ? ", q and k normed" : "");
}
