using ProxyReward.Models.Encoders;

namespace ProxyReward.Cli.Results;

/// <summary>What an encoder is, for people.</summary>
internal static class EncoderTable
{
    public static string Of(EncoderSummary summary)
    {
        var shape = summary.Shape;
        (string Name, string Value)[] rows =
        [
            ("path", summary.Path),
            ("format", "safetensors"),
            ("family", $"{shape.Family}, a sequence classifier: it reads (reader: entailment) and does not write"),
            ("layers", $"{shape.Layers}, hidden {shape.HiddenSize}, inner {shape.IntermediateSize}"),
            ("attention", $"{shape.Heads} heads"),
            ("positions", $"{shape.MaxTokens}"),
            ("vocabulary", $"{shape.VocabSize}"),
            ("labels", string.Join(", ", shape.Labels)),
            ("parameters", $"{summary.Parameters:N0}"),
            ("precision", ModelTable.Precision(summary.Precision)),
            ("tokenizer", ModelTable.Tokenizer(summary.Tokenizer, summary.NoTokenizer)),
            ("reader", summary.NoReader is { } why ? $"no: {why}" : "entailment"),
        ];
        return ModelTable.Lines(rows);
    }
}
