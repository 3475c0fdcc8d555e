using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Recipes;
using ProxyReward.Training;
using static ProxyReward.Runs.Handovers.Settings;

namespace ProxyReward.Runs.Handovers;

/// <summary>
/// The file for <c>llamafactory-cli train</c>, and the entry of dataset_info.json that it needs. Keys are those of LLaMA-Factory's model, data and
/// finetuning arguments and of transformers' TrainingArguments, read in their sources at the versions that the file names.
/// </summary>
public static class LlamaFactorySettings
{
    /// <summary>Where LLaMA-Factory looks for its data sets.</summary>
    public const string DataSetsName = "dataset_info.json";

    private const string Program = "LLaMA-Factory";

    /// <summary>The file as text.</summary>
    /// <exception cref="RequestException">LLaMA-Factory has no such loss; the message names the key and what to do.</exception>
    public static string Write(Handover handover) => string.Join('\n', [.. Lines(handover), ""]);

    /// <summary>dataset_info.json with the pairs in it, in the place of an entry of the same name; what else it says stays.</summary>
    /// <param name="there">The file as it is; null: there is none.</param>
    /// <param name="handover">The training.</param>
    /// <param name="place">The file's path, for messages.</param>
    /// <exception cref="RequestException">It is no object of JSON, or the file of pairs has a name that LLaMA-Factory cannot take.</exception>
    public static JsonObject DataSets(string? there, Handover handover, string place)
    {
        if (handover.Stem.Contains(',') || Path.GetExtension(handover.Pairs) is not (".jsonl" or ".json"))
        {
            throw new RequestException($"--out: {handover.Pairs}: LLaMA-Factory wants a name that ends in .jsonl, and no comma in it, where it would end a data set's name.");
        }

        var sets = there is null ? [] : Read(there, place);
        sets[handover.Stem] = new JsonObject
        {
            ["file_name"] = handover.Pairs,
            ["ranking"] = true,
            ["columns"] = new JsonObject { ["prompt"] = "instruction", ["query"] = "input", ["chosen"] = "chosen", ["rejected"] = "rejected" },
        };
        return sets;
    }

    private static JsonObject Read(string text, string place)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new JsonException("it is no object");
        }
        catch (JsonException e)
        {
            throw new RequestException($"{place}: this is no list of LLaMA-Factory's data sets ({e.Message}). Mend it, or give --out another folder.", e);
        }
    }

    private static IEnumerable<string> Lines(Handover handover)
    {
        var dpo = handover.Dpo;
        yield return Comment($"The training of the run '{handover.Run}' by LLaMA-Factory, in the folder of this file: llamafactory-cli train {handover.Stem}.llama-factory.yaml");
        yield return Comment("Keys as LLaMA-Factory 0.9.6.dev0 (ff6d4d1) and transformers (00349ae) have them, read in their sources. Not run by us.");
        foreach (var line in Model(handover))
        {
            yield return line;
        }

        yield return Comment("template: not given, so that it is read from the model's own chat template, as it is here (0.9.5 and later do that)");
        yield return Key("dataset_dir", ".");
        yield return Key("dataset", handover.Stem);
        yield return Key("output_dir", $"{handover.Stem}.llama-factory.trained");
        yield return "";
        yield return Key("stage", "dpo");
        yield return Key("do_train", true);
        foreach (var line in Adapter(dpo.Lora).Concat(Loss(dpo)))
        {
            yield return line;
        }

        yield return Key("cutoff_len", dpo.MaxLength, $"dpo.truncation: {RecipeFile.Spell(dpo.Truncation)} is not to be had: of longer pairs prompt and answers are both cut");
        yield return Key("disable_gradient_checkpointing", !dpo.ActivationCheckpointing, dpo.ActivationCheckpointing ? null : "false takes less memory and more time");
        yield return "";
        foreach (var line in Optimisation(handover, Program))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Loss(DpoOptions dpo)
    {
        // It calls the loss of TRL 0.18 to 0.24, the ones that it allows, without naming it; from 0.20 on that is the sigmoid, whatever pref_loss says.
        Handover.Refuse(
            Program, "dpo.loss", dpo.Loss != DpoLoss.Sigmoid,
            $"it has no {RecipeFile.Spell(dpo.Loss)} that its versions of TRL would all compute. Use --format trl, or --set dpo.loss=sigmoid.");
        Handover.Refuse(Program, "dpo.dpo_positive_lambda", dpo.DpoPositiveLambda > 0, "it has no DPO-positive. Leave that out with --set dpo.dpo_positive_lambda=0.");
        Handover.Refuse(
            Program, "dpo.sft_weight", dpo is { SftWeight: > 0, BatchSize: > 1 },
            "its pref_ftx weighs the mean of each answer, not that over the tokens of a micro-batch. With --set dpo.batch_size=1 the two are one; or choose its own with dpo.nll_weight.");
        yield return Key("pref_loss", "sigmoid");
        yield return Key("pref_beta", dpo.Beta);
        yield return Key("pref_ftx", dpo.NllWeight + dpo.SftWeight);
    }

    private static IEnumerable<string> Adapter(LoraOptions? lora)
    {
        yield return Key("finetuning_type", lora is null ? "full" : "lora");
        if (lora is not null)
        {
            yield return Key("lora_rank", lora.R);
            yield return Key("lora_alpha", Alpha(lora, Program));
            yield return Key("lora_dropout", lora.Dropout);
            yield return Key("lora_target", lora.TargetModules is ["all-linear"] ? "all" : string.Join(',', lora.TargetModules));
            yield return Key("use_rslora", lora.Rslora);
        }
    }
}
