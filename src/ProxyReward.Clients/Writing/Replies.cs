using ProxyReward.Clients.Asking;

namespace ProxyReward.Clients.Writing;

/// <summary>The form of a reply to the prompt <c>meta-questions</c>.</summary>
internal sealed record MetaQuestionsReply(IReadOnlyList<string> MetaQuestions);

/// <summary>The form of a reply to the prompts that ask for proxies.</summary>
internal sealed record ProxiesReply(IReadOnlyList<WrittenProxy> Proxies);

/// <summary>A proxy question as a model writes it; the last two may be missing.</summary>
internal sealed record WrittenProxy(string Statement, bool Answer, string? Rationale = null, int? Importance = null);

/// <summary>The form of a reply to the prompt <c>negate</c>.</summary>
internal sealed record NegationsReply(IReadOnlyList<Negated> Negations);

internal sealed record Negated(int Number, string Statement) : INumbered;
