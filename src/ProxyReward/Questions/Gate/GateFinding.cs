using System.Text.Json.Serialization;

namespace ProxyReward.Questions.Gate;

/// <summary>How much a finding weighs.</summary>
public enum GateSeverity
{
    /// <summary>Worth a look; the proxy stays.</summary>
    Warn,

    /// <summary>The proxy, or the whole question, does not pass.</summary>
    Reject,
}

/// <summary>Something the gate found.</summary>
/// <param name="Rule">The rule's name, as in the table.</param>
/// <param name="Severity">Whether it is a rejection.</param>
/// <param name="QuestionId">The question; null for what concerns the whole set.</param>
/// <param name="ProxyId">The proxy; null for what concerns the question.</param>
/// <param name="Reason">Why, for whoever mends it.</param>
public sealed record GateFinding(
    string Rule,
    GateSeverity Severity,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? QuestionId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ProxyId,
    string Reason);
