namespace ProxyReward.Clients.Endpoints;

/// <summary>What came over the wire is no chat completion. Worth another try, but not many: it was paid for.</summary>
internal sealed class MalformedAnswerException(string message, Exception? inner = null) : IOException(message, inner);
