using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Adapters;

/// <summary>Adapters on disk in PEFT's format: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
internal static class PeftFolder
{
    public const string ConfigName = "adapter_config.json";
    private const int LargestRank = 1 << 16; // a rank beyond every width is a damaged file, and its buffers would not fit

    // Where the adapter came from and how PEFT is to start another one: none of it changes what this one computes.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "auto_mapping", "base_model_name_or_path", "inference_mode", "megatron_core", "peft_version", "qalora_group_size", "revision", "runtime_config",
    };

    /// <summary>Whether a folder holds an adapter and no whole model.</summary>
    /// <exception cref="RequestException">It holds both.</exception>
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, ConfigName))
        && (!SafetensorsIndex.HasModel(folder)
            ? true
            : throw new RequestException($"{folder}: holds both a whole model and an adapter ({ConfigName}), and which is meant is not clear; move the adapter into a folder of its own."));

    /// <summary>The base that the configuration names: a path, or an id of the Hub with its revision; null where it names none.</summary>
    public static string? BaseOf(string folder)
    {
        var path = Path.Combine(folder, ConfigName);
        using var json = JsonFile.ReadObject(path);
        var keys = new ConfigKeys(json.RootElement, path);
        var (name, revision) = (keys.Text("base_model_name_or_path", ""), keys.Text("revision", ""));
        return name.Length == 0 ? null : revision.Length > 0 && HubModel.TryParse(name) is { } model ? $"{model.Id}@{revision}" : name;
    }

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="RequestException">There is none, it is no LoRA, or it uses what is not computed here; the message names the key.</exception>
    public static LoraConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, ConfigName);
        if (!File.Exists(path))
        {
            throw new RequestException($"{folder}: is no PEFT adapter, it has no {ConfigName}; name the folder that has.");
        }

        using var json = JsonFile.ReadObject(path);
        var keys = new ConfigKeys(json.RootElement, path);
        keys.MustBe("peft_type", "LORA");
        keys.MustBe("task_type", "CAUSAL_LM");
        keys.MustBe("bias", "none");
        var config = new LoraConfig
        {
            Rank = keys.Int("r"),
            Alpha = keys.Number("lora_alpha"),
            RankStabilised = keys.Bool("use_rslora", false),
            Dropout = keys.Number("lora_dropout", 0, orZero: true),
            TargetModules = Targets(keys),
        };
        if (config.Rank > LargestRank)
        {
            throw new RequestException($"{path}: 'r' is {config.Rank}, more than any adapter has ({LargestRank}); the file is damaged: {DamagedFile.Mend(path)}.");
        }

        CheckStart(keys);
        keys.RefuseOthers(Harmless);
        return config;
    }

    /// <summary>
    /// Writes configuration and tensors; each appears whole or not at all. Other programs than PEFT read them too, so that the base is written by its id
    /// where it is of the Hub, and the modules by their names.
    /// </summary>
    /// <param name="baseModel">Its path.</param>
    public static void Write(string folder, LoraConfig config, string baseModel, Parameters factors)
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.WriteFile(
            Path.Combine(folder, SafetensorsIndex.AdapterName),
            [.. factors.Layout.Slots.Select(slot => TensorToWrite.Of(slot.Name, slot.Shape, () => factors.MasterOf(slot.Name)))],
            SafetensorsType.F32);
        var hub = HubModel.OfSnapshot(baseModel);
        var json = new
        {
            peft_type = "LORA",
            task_type = "CAUSAL_LM",
            base_model_name_or_path = hub?.Id ?? Path.GetFullPath(baseModel),
            revision = hub?.Revision,
            r = config.Rank,
            lora_alpha = config.Alpha,
            use_rslora = config.RankStabilised,
            lora_dropout = config.Dropout,
            target_modules = config.TargetModules.Contains(LoraConfig.AllLinear) ? LoraAdapter.Projections : config.TargetModules,
            bias = "none",
            fan_in_fan_out = false,
            inference_mode = true,
            modules_to_save = (string[]?)null,
        };
        AtomicFile.Write(Path.Combine(folder, ConfigName), file => JsonSerializer.Serialize(file, json, Json.Indented));
    }

    private static string[] Targets(ConfigKeys keys)
    {
        var items = keys.List("target_modules") ?? throw new RequestException($"{keys.Place}: key 'target_modules' is missing; fetch the file again.");
        if (items.Count == 0 || items.Any(item => item.ValueKind != JsonValueKind.String || item.GetString()!.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))))
        {
            throw new RequestException($"{keys.Place}: 'target_modules' must be names of modules or \"{LoraConfig.AllLinear}\"; patterns are not read: list the modules.");
        }

        return [.. items.Select(item => item.GetString()!)];
    }

    // PiSSA, OLoRA, CorDA and the like change the base's weights when they start, so that the saved A and B mean nothing without them.
    private static void CheckStart(ConfigKeys keys)
    {
        if (keys.List("init_lora_weights") is [{ ValueKind: JsonValueKind.String } start] && start.GetString() is not ("gaussian" or "orthogonal"))
        {
            throw new RequestException(
                $"{keys.Place}: 'init_lora_weights' is {start.GetRawText()}, which changes the base's weights; convert the adapter with PEFT (path_initial_model_for_weight_conversion).");
        }
    }
}
