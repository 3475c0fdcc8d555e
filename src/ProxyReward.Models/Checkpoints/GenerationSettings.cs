using System.Text.Json.Nodes;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// How other programs sample from a checkpoint unless they are told otherwise: <c>generation_config.json</c>, or what a config.json says that is older than
/// that file. Nothing here follows it (how to sample is the recipe's to say), but a tuned model must be sampled as its base was.
/// </summary>
internal static class GenerationSettings
{
    public const string FileName = "generation_config.json";

    /// <summary>The keys of transformers' generate() that its configurations of models once held.</summary>
    public static IReadOnlySet<string> Keys { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "bad_words_ids", "begin_suppress_tokens", "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size", "epsilon_cutoff",
        "eta_cutoff", "exponential_decay_length_penalty", "forced_bos_token_id", "forced_eos_token_id", "length_penalty", "max_length",
        "max_new_tokens", "min_length", "min_p", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_return_sequences", "output_scores",
        "penalty_alpha", "remove_invalid_values", "repetition_penalty", "return_dict_in_generate", "suppress_tokens", "temperature", "top_k", "top_p",
        "typical_p",
    };

    /// <summary>What a folder says; empty where it says nothing.</summary>
    public static JsonObject Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var ofItsOwn = File.Exists(path);
        using var json = JsonFile.ReadObject(ofItsOwn ? path : Path.Combine(folder, "config.json"));
        var settings = new JsonObject();
        foreach (var setting in json.RootElement.EnumerateObject().Where(setting => ofItsOwn || Keys.Contains(setting.Name)))
        {
            settings[setting.Name] = JsonNode.Parse(setting.Value.GetRawText());
        }

        return settings;
    }
}
