using System.Text.Json.Nodes;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Encoders;
using ProxyReward.Models.Tokenization;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Encoders;

/// <summary>
/// A copy of a reference classifier that can be changed, with a tokenizer of its family's kind: Unigram with token types for DeBERTa,
/// byte-level BPE for the others. With random weights the label hardly depends on the text: a sharper head is centred over a few pairs, and what
/// is left is multiplied.
/// </summary>
internal sealed class EncoderFolder : IDisposable
{
    private const string Text = "The river town exports silver. The festival of the harbour was founded in 1889. Children read the text and answer the question.";
    private readonly TemporaryFolder folder = new();

    public EncoderFolder(string name, float sharpness = 1, long shardBytes = SafetensorsWriter.DefaultShardBytes)
    {
        var source = EncoderFixtures.Folder(name);
        File.Copy(System.IO.Path.Combine(source, "config.json"), folder["config.json"]);
        File.WriteAllText(folder["tokenizer.json"], TokenizerJson(EncoderFamily.Open(source).Config.Family).ToJsonString());
        using var tensors = SafetensorsFolder.Open(source);
        Write([.. tensors.Shapes.Keys.Select(tensor => TensorToWrite.Of(tensors, tensor))], shardBytes);
        if (sharpness > 1)
        {
            Sharpen(sharpness);
        }
    }

    public string Path => folder.Path;

    /// <summary>Changes <c>config.json</c>; a null removes the key.</summary>
    public EncoderFolder With(string key, JsonNode? value)
    {
        var json = JsonNode.Parse(File.ReadAllText(folder["config.json"]))!.AsObject();
        json.Remove(key);
        if (value is not null)
        {
            json[key] = value;
        }

        File.WriteAllText(folder["config.json"], json.ToJsonString());
        return this;
    }

    /// <summary>Changes the tensors.</summary>
    public void Rewrite(Func<TensorToWrite, TensorToWrite?> change, params TensorToWrite[] more)
    {
        List<TensorToWrite> changed;
        using (var tensors = SafetensorsFolder.Open(Path))
        {
            changed = [.. tensors.Shapes.Keys.Select(name => Held(tensors, name)).Select(change).OfType<TensorToWrite>(), .. more];
        }

        Write(changed, SafetensorsWriter.DefaultShardBytes);
    }

    public void Dispose() => folder.Dispose();

    private void Write(IReadOnlyList<TensorToWrite> tensors, long shardBytes) => SafetensorsWriter.WriteFolder(Path, tensors, SafetensorsType.F32, shardBytes);

    private static TensorToWrite Held(SafetensorsFolder tensors, string name)
    {
        var values = new float[tensors.Shapes[name].Aggregate(1L, (product, extent) => product * extent)];
        tensors.ReadFloat32(name, values);
        return new TensorToWrite(name, tensors.Shapes[name], values.CopyTo);
    }

    private void Sharpen(float factor)
    {
        double[] means;
        using (var classifier = EncoderClassifier.Open(Path))
        {
            var texts = Text.Split(". ").Select(text => classifier.Tokenizer.Encode(text)).ToList();
            var logProbs = classifier.Probabilities([.. texts.SelectMany(first => texts.Select(second => new EncodedPair(first, second)))]);
            means = [.. classifier.Config.Labels.Select((_, label) => logProbs.Average(pair => Math.Log(pair[label])))];
        }

        Rewrite(tensor => tensor.Name switch
        {
            "classifier.weight" or "classifier.out_proj.weight" => Changed(tensor, (value, _) => factor * value),
            "classifier.bias" or "classifier.out_proj.bias" => Changed(tensor, (value, label) => factor * (value - (float)means[label])),
            _ => tensor,
        });
    }

    private static TensorToWrite Changed(TensorToWrite tensor, Func<float, int, float> change) => tensor with
    {
        Read = span =>
        {
            tensor.Read(span);
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = change(span[i], i);
            }
        },
    };

    private static JsonNode TokenizerJson(string family)
    {
        if (family != "deberta-v2")
        {
            var bytes = JsonNode.Parse(BpeTrainer.Train([Text, Text], ["<s>", "<pad>", "</s>", "<unk>"], 300).ToJson())!;
            bytes["post_processor"] = JsonNode.Parse("""{"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": false}""");
            return bytes;
        }

        var json = JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(EncoderFixtures.Tokenizers.First(), "tokenizer.json")))!;
        json["post_processor"] = JsonNode.Parse("""
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
             "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
                      {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
             "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [0], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}}
            """);
        return json;
    }
}
