namespace ProxyReward.Models.Checkpoints;

/// <summary>Which layers of a model see only a window, from the keys of a config.json.</summary>
internal static class SlidingReader
{
    /// <summary>The window in tokens and for each layer whether it slides; null and empty where none does.</summary>
    public static (int? Window, IReadOnlyList<bool> Layers) Read(ConfigKeys keys, ModelFamily family, int layers)
    {
        var slides = Slides(keys, family, layers);
        return slides.Any(slide => slide) ? (keys.Int("sliding_window", family.SlidingWindow), slides) : (null, []);
    }

    private static bool[] Slides(ConfigKeys keys, ModelFamily family, int layers)
    {
        if (family.Name == "llama" || (family.HasSlidingSwitch && !keys.Bool("use_sliding_window", false)))
        {
            // llama has no window whatever its keys say; Qwen's files carry one that is switched off.
            return family.HasLayerTypes && LayerTypes(keys, layers) is { } types && types.Contains(true)
                ? throw new RequestException($"{keys.Place}: 'layer_types' has sliding layers while 'use_sliding_window' is false; correct one of them.")
                : [];
        }

        if (!family.HasLayerTypes)
        {
            return [.. Enumerable.Repeat(keys.Has("sliding_window") || !keys.IsPresent("sliding_window"), layers)];
        }

        if (LayerTypes(keys, layers) is { } listed)
        {
            return listed;
        }

        if (family.Gemma)
        {
            var period = keys.Int("sliding_window_pattern", keys.Int("_sliding_window_pattern", 6));
            return [.. Enumerable.Range(1, layers).Select(layer => layer % period != 0)];
        }

        var first = keys.Int("max_window_layers", 28, least: 0);
        return [.. Enumerable.Range(0, layers).Select(layer => layer >= first)];
    }

    private static bool[]? LayerTypes(ConfigKeys keys, int layers)
    {
        var types = keys.List("layer_types")?.Select(type => type.ToString() switch
        {
            "sliding_attention" => true,
            "full_attention" => false,
            _ => throw keys.Wrong("layer_types", type, "a list of full_attention and sliding_attention"),
        }).ToArray();
        return types is null || types.Length == layers
            ? types
            : throw new RequestException($"{keys.Place}: 'layer_types' lists {types.Length} layers, 'num_hidden_layers' is {layers}; correct one of them.");
    }
}
