using System.Text.Json.Nodes;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Encoders;
using ProxyReward.Models.Native;
using ProxyReward.Models.Tokenization;
using static TorchSharp.torch;

namespace ProxyReward.Bench;

/// <summary>
/// What the entailment reader pays for: pairs a second of classifiers with the layers of published checkpoints and random weights, beside the
/// GEMM rate of the same process. The vocabulary is small: looking words up costs nothing.
/// </summary>
internal static class EncoderBench
{
    private const int Vocabulary = 1000;

    public static int Run()
    {
        NativeEngine.Load();
        foreach (var shape in (Shape[])[DebertaBase, ModernBertBase, RobertaLarge])
        {
            var folder = Directory.CreateTempSubdirectory("encoder-bench-").FullName;
            try
            {
                Write(folder, shape);
                foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
                {
                    using var classifier = EncoderClassifier.Open(folder, type);
                    Measure(classifier, shape, type, length: 512, pairs: 8);
                    Measure(classifier, shape, type, length: 128, pairs: 32);
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return 0;
    }

    private static void Measure(EncoderClassifier classifier, Shape shape, ScalarType type, int length, int pairs)
    {
        const int statement = 24;
        int[] Ids(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => 300 + (((i * 7919) + (seed * 104729)) % 600))];
        List<EncodedPair> batch = [.. Enumerable.Range(0, pairs).Select(i => new EncodedPair(Ids(length - statement - classifier.Pair.Overhead, i), Ids(statement, i + 1000)))];
        classifier.Probabilities(batch);
        var gemm = EngineBench.GemmRate(type);
        var seconds = EngineBench.Median(3, () => classifier.Probabilities(batch));
        var rate = shape.Flops(length) * pairs / seconds / 1e9;
        Console.WriteLine($"{shape.Name} {(type == ScalarType.Float32 ? "fp32" : "bf16")}, pairs of {length} tokens: {pairs / seconds:F2} pairs/s, {rate:F0} GFLOP/s = {rate / gemm:P0} of the GEMM rate ({gemm:F0})");
    }

    /// <summary>Sizes and what their configuration says beyond them.</summary>
    /// <param name="Gates">Matrices of the feed-forward part that are as wide as its inside.</param>
    /// <param name="Extra">Further products of the attention, in columns: DeBERTa's two with every relative position.</param>
    private sealed record Shape(string Name, int Hidden, int Layers, int Heads, int Inner, int Gates, int Extra, string Config)
    {
        /// <summary>Multiplications and additions of a sequence.</summary>
        public double Flops(int length) => 2.0 * Layers * length * ((4.0 * Hidden * Hidden) + ((Gates + 1.0) * Hidden * Inner) + (2.0 * length * Hidden) + ((double)Extra * Hidden));
    }

    private static readonly Shape DebertaBase = new("DeBERTa-v3-base", 768, 12, 12, 3072, 1, 2 * 512, """
        {"model_type": "deberta-v2", "architectures": ["DebertaV2ForSequenceClassification"], "max_position_embeddings": 512, "pad_token_id": 0,
         "hidden_act": "gelu", "layer_norm_eps": 1e-7, "relative_attention": true, "position_buckets": 256, "norm_rel_ebd": "layer_norm",
         "share_att_key": true, "pos_att_type": ["c2p", "p2c"], "position_biased_input": false, "type_vocab_size": 0}
        """);

    private static readonly Shape ModernBertBase = new("ModernBERT-base", 768, 22, 12, 1152, 2, 0, """
        {"model_type": "modernbert", "architectures": ["ModernBertForSequenceClassification"], "max_position_embeddings": 8192, "pad_token_id": 1}
        """);

    private static readonly Shape RobertaLarge = new("RoBERTa-large", 1024, 24, 16, 4096, 1, 0, """
        {"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"], "max_position_embeddings": 514, "pad_token_id": 1,
         "hidden_act": "gelu", "layer_norm_eps": 1e-5, "type_vocab_size": 1}
        """);

    private static void Write(string folder, Shape shape)
    {
        var config = JsonNode.Parse(shape.Config)!.AsObject();
        (config["vocab_size"], config["hidden_size"], config["num_hidden_layers"]) = (Vocabulary, shape.Hidden, shape.Layers);
        (config["num_attention_heads"], config["intermediate_size"]) = (shape.Heads, shape.Inner);
        config["id2label"] = JsonNode.Parse("""{"0": "entailment", "1": "neutral", "2": "contradiction"}""");
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());

        var tokenizer = JsonNode.Parse(BpeTrainer.Train(["a b"], ["<s>", "<pad>", "</s>"], 260).ToJson())!;
        tokenizer["post_processor"] = JsonNode.Parse("""{"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}""");
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString());

        random.manual_seed(0);
        SafetensorsWriter.WriteFolder(
            folder,
            [.. EncoderSummary.ParametersOf(folder).Select(parameter => new TensorToWrite(parameter.Name, parameter.Shape, span => Fill(parameter.Name, span)))],
            SafetensorsType.BF16);
    }

    private static void Fill(string name, Span<float> span)
    {
        using var values = randn(span.Length) * 0.02;
        values.data<float>().ToArray().CopyTo(span);
        if (name.EndsWith("orm.weight", StringComparison.Ordinal))
        {
            span.Fill(1);
        }
    }
}
