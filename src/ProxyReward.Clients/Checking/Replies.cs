using ProxyReward.Clients.Asking;

namespace ProxyReward.Clients.Checking;

/// <summary>The form of a reply to <c>check-statements</c>.</summary>
internal sealed record JudgedReply(IReadOnlyList<Judged> Statements);

internal sealed record Judged(int Number, bool Relevant, bool Answerable, bool Atomic, bool Stable, string? Reason = null) : INumbered;

/// <summary>The form of a reply to <c>closed-book</c> and <c>second-opinion</c>.</summary>
internal sealed record OpinionsReply(IReadOnlyList<Opinion> Answers);

internal sealed record Opinion(int Number, Truth Answer, string? Reason = null) : INumbered
{
    /// <summary>The answer, null for unknown.</summary>
    public bool? Said() => Answer switch { Truth.True => true, Truth.False => false, _ => null };
}

internal enum Truth
{
    True,
    False,
    Unknown,
}
