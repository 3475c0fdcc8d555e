using ProxyReward.Recipes;
using ProxyReward.Training;
using static ProxyReward.Runs.Handovers.Settings;

namespace ProxyReward.Runs.Handovers;

/// <summary>
/// The file for <c>trl dpo --config</c>. Keys are those of TRL's ScriptArguments, DPOConfig, ModelConfig and DatasetMixtureConfig and of
/// transformers' TrainingArguments, read in their sources at the versions that the file names.
/// </summary>
public static class TrlSettings
{
    private const string Program = "TRL";

    /// <summary>The file as text.</summary>
    /// <exception cref="RequestException">TRL has no such loss; the message names the key and what to do.</exception>
    public static string Write(Handover handover) => string.Join('\n', [.. Lines(handover), ""]);

    private static IEnumerable<string> Lines(Handover handover)
    {
        var dpo = handover.Dpo;
        yield return Comment($"The training of the run '{handover.Run}' by TRL, in the folder of this file: trl dpo --config {handover.Stem}.trl.yaml");
        yield return Comment("Keys as TRL 1.10.0.dev0 (f2cd577) and transformers (00349ae) have them, read in their sources. Not run by us.");
        foreach (var line in Model(handover))
        {
            yield return line;
        }

        yield return Key("dtype", "float32", "as here; with an adapter, bfloat16 halves what the other weights take");
        yield return "datasets:";
        yield return "  - " + Key("path", "json");
        yield return "    " + Key("data_files", handover.Pairs);
        yield return Key("output_dir", $"{handover.Stem}.trl.trained");
        yield return "";
        foreach (var line in Loss(dpo).Concat(Adapter(dpo.Lora)))
        {
            yield return line;
        }

        yield return Key("max_length", dpo.MaxLength);
        yield return Key("truncation_mode", "keep_start", dpo.Truncation == Truncation.Drop
            ? "dpo.truncation: drop is not to be had: longer pairs are cut, not left out, but for those whose prompt alone is too long" : null);
        yield return Key("precompute_ref_log_probs", true, "as here; no second model in memory");
        yield return Key("gradient_checkpointing", dpo.ActivationCheckpointing, dpo.ActivationCheckpointing ? null : "true takes less memory and more time");
        yield return "";
        foreach (var line in Optimisation(handover, Program))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Loss(DpoOptions dpo)
    {
        Handover.Refuse(Program, "dpo.dpo_positive_lambda", dpo.DpoPositiveLambda > 0, "it has no DPO-positive. Leave that out with --set dpo.dpo_positive_lambda=0.");
        Handover.Refuse(
            Program, "dpo.nll_weight", dpo is { NllWeight: > 0, BatchSize: > 1 },
            "its sft loss is the mean over the tokens of a micro-batch, not that of each answer. With --set dpo.batch_size=1 the two are one; or choose its own with dpo.sft_weight.");

        // A micro-batch of one pair has one chosen answer.
        var sft = dpo.SftWeight + dpo.NllWeight;
        yield return Key("loss_type", (string[])[RecipeFile.Spell(dpo.Loss), .. sft > 0 ? ["sft"] : Array.Empty<string>()]);
        if (sft > 0)
        {
            yield return Key("loss_weights", new[] { 1.0, sft });
        }

        yield return Key("beta", dpo.Beta);
        if (dpo.Loss == DpoLoss.Robust)
        {
            yield return Key("label_smoothing", dpo.LabelSmoothing);
        }
    }

    private static IEnumerable<string> Adapter(LoraOptions? lora)
    {
        yield return Key("use_peft", lora is not null);
        if (lora is not null)
        {
            yield return Key("lora_r", lora.R);
            yield return Key("lora_alpha", Alpha(lora, Program));
            yield return Key("lora_dropout", lora.Dropout);
            yield return Key("lora_target_modules", lora.TargetModules);
            yield return Key("use_rslora", lora.Rslora);
        }
    }
}
