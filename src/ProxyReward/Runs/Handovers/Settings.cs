using System.Globalization;
using System.Text.RegularExpressions;
using ProxyReward.Recipes;
using ProxyReward.Training;

namespace ProxyReward.Runs.Handovers;

/// <summary>Lines of YAML, and the keys that both programs name alike: of the model, and those of transformers' TrainingArguments.</summary>
internal static partial class Settings
{
    /// <summary>A key with its value, and a remark.</summary>
    public static string Key(string key, object value, string? remark = null) => $"{key}: {Text(value)}{(remark is null ? "" : $"  # {remark}")}";

    /// <summary>Where the training starts, and what must be known of its pairs.</summary>
    public static IEnumerable<string> Model(Handover handover)
    {
        if (handover.Caution is { } caution)
        {
            yield return Comment(caution);
        }

        yield return Key("model_name_or_path", handover.Model.Name);
        if (handover.Model.Revision is { } revision)
        {
            yield return Key("model_revision", revision);
        }
    }

    /// <summary>Batches, schedule, optimizer, precision, seed.</summary>
    /// <param name="handover">The training.</param>
    /// <param name="program">Its name, for messages.</param>
    public static IEnumerable<string> Optimisation(Handover handover, string program)
    {
        var dpo = handover.Dpo;
        Handover.Refuse(program, "seed", dpo.Seed is < 0 or > uint.MaxValue, $"NumPy takes seeds from 0 to {uint.MaxValue}. Give it one with --set seed=0.");
        yield return Key("per_device_train_batch_size", dpo.BatchSize);
        yield return Key("gradient_accumulation_steps", dpo.GradientAccumulation, "of one process; with n GPUs divide it by n, so that a step has as many pairs");
        yield return Key("num_train_epochs", dpo.Epochs);
        yield return Key("learning_rate", dpo.LearningRate);

        // Their constant schedule has no warm-up.
        yield return Key("lr_scheduler_type", dpo.Schedule == LearningRateSchedule.Constant && handover.WarmupSteps > 0 ? "constant_with_warmup" : RecipeFile.Spell(dpo.Schedule));
        yield return Key("warmup_steps", handover.WarmupSteps, dpo.WarmupRatio > 0 ? string.Create(CultureInfo.InvariantCulture, $"dpo.warmup_ratio {dpo.WarmupRatio} of the steps that {handover.Count} pairs make") : null);
        yield return Key("optim", "adamw_torch");
        yield return Key("adam_beta1", dpo.AdamBeta1);
        yield return Key("adam_beta2", dpo.AdamBeta2);
        yield return Key("adam_epsilon", dpo.AdamEpsilon);
        yield return Key("weight_decay", dpo.WeightDecay);
        yield return Key("max_grad_norm", dpo.MaxGradNorm);
        yield return Key("bf16", dpo.Precision != ComputePrecision.Fp32, dpo.Precision == ComputePrecision.Auto ? "dpo.precision is auto; false where the GPU has no bf16" : null);
        yield return Key("seed", dpo.Seed, "their order of the pairs is another");
        yield return Key("logging_steps", 1);
        yield return Key("report_to", "none");
    }

    /// <summary>Their alpha is a whole number.</summary>
    public static int Alpha(LoraOptions lora, string program)
    {
        Handover.Refuse(program, "dpo.lora.alpha", lora.Alpha is > int.MaxValue || lora.Alpha != Math.Floor(lora.Alpha), "its alpha is a whole number. Give one with --set dpo.lora.alpha=32.");
        return (int)lora.Alpha;
    }

    /// <summary>Comment lines.</summary>
    public static string Comment(string text) => $"# {text.ReplaceLineEndings(" ")}";

    // YAML 1.1, which Python reads, takes a number for one only with a point in it: 5e-07 is a text there.
    private static string Text(object value) => value switch
    {
        double number => number.ToString("R", CultureInfo.InvariantCulture) is var text && text.Contains('.', StringComparison.Ordinal) ? text : Whole().Replace(text, "$0.0", 1),
        double[] numbers => $"[{string.Join(", ", numbers.Select(number => Text(number)))}]",
        _ => RecipeFile.WriteValue(value),
    };

    [GeneratedRegex("^-?[0-9]+")]
    private static partial Regex Whole();
}
