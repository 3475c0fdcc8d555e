namespace ProxyReward.Recipes;

/// <summary>What a run can be compared with. All but those of temperature train for one iteration on the base's responses to the training questions.</summary>
public enum ControlKind
{
    /// <summary>The paper's reward.</summary>
    Accuracy,

    /// <summary>Correct / stated proxies.</summary>
    Precision,

    /// <summary>A judge's rating (the paper's baseline).</summary>
    Judge,

    /// <summary>Whether writing longer does as well (ours).</summary>
    Length,

    /// <summary>What any preference training does (ours).</summary>
    Random,

    /// <summary>The weighted sum of the section mix (ours).</summary>
    Mix,

    /// <summary>Whether sampling colder does as well: the base, untrained, at evaluation.control_temperature (ours).</summary>
    Temperature,

    /// <summary>Whether training gains where both are sampled colder: iteration 1 at evaluation.control_temperature, set against <see cref="Temperature"/> (ours).</summary>
    TrainedTemperature,
}
