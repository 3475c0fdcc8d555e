using System.Text;
using Microsoft.Extensions.AI;

namespace ProxyReward.Clients.Endpoints;

/// <summary>What a request will take, before anyone has counted: four bytes of UTF-8 a token, and the most that may be answered.</summary>
/// <param name="Input">Tokens of the prompt.</param>
/// <param name="Output">Tokens of the answer.</param>
public readonly record struct TokenEstimate(int Input, int Output)
{
    // Taken where a request does not bound its answer.
    private const int UnboundedOutput = 1024;

    // What chat formats add to a message.
    private const int PerMessage = 4;

    /// <summary>Both.</summary>
    public int Total => Input + Output;

    /// <summary>Estimates a request.</summary>
    public static TokenEstimate Of(IReadOnlyList<ChatMessage> messages, ChatOptions? options) =>
        new(messages.Sum(message => PerMessage + OfText(message.Text)), options?.MaxOutputTokens ?? UnboundedOutput);

    /// <summary>Estimates a text.</summary>
    public static int OfText(string text) => (Encoding.UTF8.GetByteCount(text) + 3) / 4;
}
