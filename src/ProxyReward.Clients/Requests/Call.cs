using Microsoft.Extensions.AI;

namespace ProxyReward.Clients.Requests;

/// <summary>What a request is for. Travels with its <see cref="ChatOptions"/> and never reaches the wire.</summary>
/// <param name="Stage">The stage the ledger books it under.</param>
/// <param name="PromptHash">Hash of the prompt file it was made from: another wording asks anew.</param>
/// <param name="Attempt">Tries before this one whose answers could not be used: a new try must not meet an old answer in the cache.</param>
public sealed record Call(string Stage, string PromptHash = "", int Attempt = 0)
{
    internal const string Name = "proxyreward.call";
    private static readonly Call Unnamed = new("other");

    /// <summary>Books a request.</summary>
    public ChatOptions On(ChatOptions options)
    {
        (options.AdditionalProperties ??= [])[Name] = this;
        return options;
    }

    /// <summary>What a request is booked as; the stage is "other" where nobody said.</summary>
    public static Call Of(ChatOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(Name, out var value) == true && value is Call call ? call : Unnamed;
}
