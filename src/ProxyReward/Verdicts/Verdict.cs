using System.Text.Json.Serialization;

namespace ProxyReward.Verdicts;

/// <summary>What a reader concludes about a statement from a response alone. NotStated is ours: the paper's reader says true or false.</summary>
public enum Verdict
{
    /// <summary>The response does not settle the statement; counts as wrong.</summary>
    NotStated,

    /// <summary>The response says the statement holds.</summary>
    True,

    /// <summary>The response says the statement does not hold.</summary>
    False,
}

/// <summary>A reader's verdict on one proxy question.</summary>
/// <param name="ProxyId">The proxy question.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Quote">The sentence of the response the reader relied on; null for NotStated and for readers that do not quote.</param>
/// <param name="Confidence">0 … 1; null where the reader has none.</param>
public sealed record ProxyVerdict(string ProxyId, Verdict Verdict, string? Quote = null, double? Confidence = null)
{
    /// <summary>Why a reader's word was not taken; null where it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReadingFailure? Failure { get; init; }

    /// <summary>What each of several readings said, in order; null where the text was read once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Verdict>? Readings { get; init; }
}

/// <summary>Why a verdict is NotStated although the reader may have said something else. Counted in tables.</summary>
public enum ReadingFailure
{
    /// <summary>The quote is missing, says nothing, or is not in the text.</summary>
    Quote,

    /// <summary>No answer could be understood.</summary>
    Reply,
}

/// <summary>A reader's verdicts on all proxy questions of one response, in the order of the question's proxies.</summary>
/// <param name="ResponseId">The response.</param>
/// <param name="Verdicts">One per proxy question.</param>
public sealed record ResponseVerdicts(string ResponseId, IReadOnlyList<ProxyVerdict> Verdicts);
