using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// Rotary positions in a config.json: <c>rope_theta</c> and <c>rope_scaling</c> up to transformers 4, <c>rope_parameters</c> from 5 on;
/// where a file has both they must agree.
/// </summary>
internal static class RopeReader
{
    /// <summary>Base and scaling, and the base of sliding layers where they have their own (Gemma 3).</summary>
    public static (double Theta, RopeScaling? Scaling, double? SlidingTheta) Read(ConfigKeys config, ModelFamily family, int maxPositions)
    {
        config.MustBe("partial_rotary_factor", "1");
        var legacyTheta = config.Number("rope_theta", family.RopeTheta);
        double? legacySliding = family.Gemma ? config.Number("rope_local_base_freq", 10_000) : null;
        var modern = config.Object("rope_parameters");
        var legacy = config.Object("rope_scaling");
        if (modern is null)
        {
            return (legacyTheta, legacy is null ? null : Scaling(legacy, maxPositions), legacySliding);
        }

        // One set of values for all layers, or (Gemma 3) one for each kind of layer.
        var full = (family.Gemma ? modern.Object("full_attention") : null) ?? modern;
        var theta = full.Number("rope_theta", legacyTheta);
        var scaling = Scaling(full, maxPositions);
        var slidingTheta = legacySliding;
        if (family.Gemma && modern.Object("sliding_attention") is { } sliding)
        {
            slidingTheta = sliding.Number("rope_theta", legacySliding);
            if (Scaling(sliding, maxPositions) is not null)
            {
                throw new RequestException($"{sliding.Place}: scaled positions on sliding layers are not supported; the checkpoint cannot be used.");
            }
        }

        if (full != modern)
        {
            modern.RefuseOthers(new HashSet<string>());
        }

        var agrees = (!config.Has("rope_theta") || legacyTheta == theta) && (legacy is null || Scaling(legacy, maxPositions) == scaling);
        return agrees
            ? (theta, scaling, slidingTheta)
            : throw new RequestException($"{config.Place}: 'rope_parameters' contradicts 'rope_theta' or 'rope_scaling'; keep the one the model was trained with.");
    }

    private static RopeScaling? Scaling(ConfigKeys keys, int maxPositions)
    {
        var type = keys.Text("rope_type", keys.Text("type", "default"));
        keys.Text("type", type);
        keys.Number("rope_theta", 1); // read by the caller
        keys.MustBe("partial_rotary_factor", "1");
        var scaling = type switch
        {
            "default" => null,
            "linear" => new RopeScaling(RopeScalingKind.Linear) { Factor = keys.Number("factor") },
            "llama3" => new RopeScaling(RopeScalingKind.Llama3)
            {
                Factor = keys.Number("factor"),
                LowFrequencyFactor = keys.Number("low_freq_factor"),
                HighFrequencyFactor = keys.Number("high_freq_factor"),
                OriginalMaxPositions = keys.Int("original_max_position_embeddings"),
            },
            "yarn" => Yarn(keys, maxPositions),
            _ => throw new RequestException($"{keys.Place}: rope type '{type}' is not supported; default, linear, llama3 and yarn are."),
        };
        if (scaling is { Kind: RopeScalingKind.Llama3 } llama3 && llama3.HighFrequencyFactor <= llama3.LowFrequencyFactor)
        {
            throw new RequestException($"{keys.Place}: 'high_freq_factor' must be above 'low_freq_factor'.");
        }

        keys.RefuseOthers(new HashSet<string>());
        return scaling;
    }

    private static RopeScaling Yarn(ConfigKeys keys, int maxPositions)
    {
        var original = keys.Int("original_max_position_embeddings", maxPositions);
        return new RopeScaling(RopeScalingKind.Yarn)
        {
            Factor = keys.Number("factor", (double)maxPositions / original),
            OriginalMaxPositions = original,
            AttentionFactor = keys.Has("attention_factor") ? keys.Number("attention_factor") : null,
            BetaFast = keys.Number("beta_fast", 32),
            BetaSlow = keys.Number("beta_slow", 1),
            MScale = keys.Has("mscale") ? keys.Number("mscale") : null,
            MScaleAllDim = keys.Has("mscale_all_dim") ? keys.Number("mscale_all_dim") : null,
            Truncate = keys.Bool("truncate", true),
        };
    }
}
