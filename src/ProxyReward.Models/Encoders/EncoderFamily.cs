using System.Globalization;
using System.Text.Json;
using ProxyReward.Models.Checkpoints;

namespace ProxyReward.Models.Encoders;

/// <summary>
/// The families of sequence classifiers, and how their <c>config.json</c> is read: what would change the computation and is not understood is
/// refused by name.
/// </summary>
/// <param name="Name">Hugging Face's <c>model_type</c>.</param>
/// <param name="Architecture">The class named in <c>architectures</c>.</param>
/// <param name="PadTokenId">Where the key is absent.</param>
/// <param name="Read">Reads what only this family has.</param>
internal sealed record EncoderFamily(string Name, string Architecture, int PadTokenId, Func<ConfigKeys, EncoderConfig, EncoderNetwork> Read)
{
    /// <summary>Bounds what a damaged file can make us allocate.</summary>
    private const int MaxLayers = 1024;

    private const int MaxLabels = 1024;

    /// <summary>Keys that say nothing about the forward pass without dropout, however they are set.</summary>
    private static readonly HashSet<string> Harmless =
    [
        "architectures", "attention_dropout", "attention_probs_dropout_prob", "auto_map", "bos_token_id", "classifier_dropout", "cls_token_id",
        "conv_act", "decoder_bias", "deterministic_flash_attn", "dtype", "embedding_dropout", "eos_token_id", "finetuning_task",
        "gradient_checkpointing", "hidden_dropout_prob", "id2label", "initializer_cutoff_factor", "initializer_range", "label2id", "legacy",
        "mlp_dropout", "num_labels", "output_attentions", "output_hidden_states", "pooler_dropout", "reference_compile", "repad_logits_with_grad",
        "return_dict", "sep_token_id", "sparse_pred_ignore_index", "sparse_prediction", "task_specific_params", "tie_word_embeddings",
        "tokenizer_class", "torch_dtype", "transformers.js_config", "transformers_version", "use_cache",
    ];

    private static readonly EncoderFamily[] All =
    [
        new("roberta", "RobertaForSequenceClassification", 1, Roberta.Read),
        new("modernbert", "ModernBertForSequenceClassification", 50283, ModernBert.Read),
        new("deberta-v2", "DebertaV2ForSequenceClassification", 0, DebertaV3.Read),
    ];

    /// <summary>Whether a folder's <c>config.json</c> names one of the families; what is wrong with it is for <see cref="Open"/> to say.</summary>
    public static bool Fits(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
        {
            return false;
        }

        using var json = JsonFile.ReadObject(path);
        return json.RootElement.TryGetProperty("model_type", out var type) && All.Any(family => type.ValueKind == JsonValueKind.String && family.Name == type.GetString());
    }

    /// <summary>The network that a folder describes, without its weights.</summary>
    /// <exception cref="RequestException">The file is missing or damaged, or the model is one that is not computed here.</exception>
    public static EncoderNetwork Open(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        using var json = JsonFile.ReadObject(path);
        var keys = new ConfigKeys(json.RootElement, path);
        var type = keys.Text("model_type");
        var family = All.FirstOrDefault(known => known.Name == type)
            ?? throw new RequestException($"{path}: '{type}' is no encoder that is computed here; {string.Join(", ", All.Select(known => known.Name))} are.");
        var named = keys.List("architectures") ?? [];
        if (named.All(name => name.ToString() != family.Architecture))
        {
            throw new RequestException(
                $"{path}: 'architectures' is [{string.Join(", ", named)}], and a sequence classifier is wanted ({family.Architecture}): take a checkpoint that was trained to classify pairs (NLI, fact checking).");
        }

        var network = family.Read(keys, family.Shape(keys, Labels(json.RootElement, path)));
        keys.RefuseOthers(Harmless);
        return network;
    }

    private EncoderConfig Shape(ConfigKeys keys, IReadOnlyList<string> labels)
    {
        keys.MustBe("problem_type", "single_label_classification");
        keys.MustBe("is_decoder", "false");
        var (hidden, heads, layers) = (keys.Int("hidden_size"), keys.Int("num_attention_heads"), keys.Int("num_hidden_layers"));
        if (hidden % heads != 0 || layers > MaxLayers)
        {
            throw new RequestException($"{keys.Place}: {heads} heads (must divide hidden_size, {hidden}) and {layers} layers (at most {MaxLayers}) make no encoder.");
        }

        return new EncoderConfig
        {
            Family = Name,
            VocabSize = keys.Int("vocab_size"),
            HiddenSize = hidden,
            Layers = layers,
            Heads = heads,
            IntermediateSize = keys.Int("intermediate_size"),
            MaxTokens = keys.Int("max_position_embeddings"),
            PadTokenId = keys.Int("pad_token_id", PadTokenId, least: 0),
            NormEps = 0, // each family has its own key for it
            Labels = labels,
        };
    }

    /// <summary><c>id2label</c> in order; without it transformers' default names, as many as <c>num_labels</c> or two.</summary>
    private static IReadOnlyList<string> Labels(JsonElement config, string path)
    {
        if (!config.TryGetProperty("id2label", out var named) || named.ValueKind == JsonValueKind.Null)
        {
            var count = config.TryGetProperty("num_labels", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var given) ? given : 2;
            return count is > 0 and <= MaxLabels ? [.. Enumerable.Range(0, count).Select(id => $"LABEL_{id}")]
                : throw new RequestException($"{path}: 'num_labels' is {count}; 1 to {MaxLabels} are possible.");
        }

        var byId = named.ValueKind == JsonValueKind.Object ? named.EnumerateObject().ToList() : [];
        var labels = new string?[Math.Min(byId.Count, MaxLabels)];
        foreach (var label in byId)
        {
            if (int.TryParse(label.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < labels.Length && label.Value.ValueKind == JsonValueKind.String)
            {
                labels[id] = label.Value.GetString();
            }
        }

        return labels.Length > 0 && labels.Length == byId.Count && labels.All(label => label is not null)
            ? [.. labels.Select(label => label!)]
            : throw new RequestException($"{path}: 'id2label' must give each label from \"0\" up its name, as in {{\"0\": \"entailment\", \"1\": \"neutral\", \"2\": \"contradiction\"}}.");
    }
}
