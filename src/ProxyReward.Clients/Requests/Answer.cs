using Microsoft.Extensions.AI;

namespace ProxyReward.Clients.Requests;

/// <summary>What is kept of an answer. A fresh answer is returned in the same form as one from the cache, so that both behave alike.</summary>
/// <param name="Text">What the model said.</param>
/// <param name="Finish">Why it stopped: stop, length, content_filter.</param>
/// <param name="Refusal">The model's words where it refused; null otherwise.</param>
/// <param name="InputTokens">Null where the endpoint did not say.</param>
/// <param name="OutputTokens">Null where the endpoint did not say.</param>
/// <param name="Model">The model that answered, as the endpoint names it.</param>
public sealed record Answer(string Text, string? Finish, string? Refusal, long? InputTokens, long? OutputTokens, string? Model)
{
    /// <summary>Takes from a response what is kept.</summary>
    public static Answer Of(ChatResponse response) => new(
        response.Text,
        response.FinishReason?.Value,
        response.Messages.SelectMany(message => message.Contents).OfType<ErrorContent>().FirstOrDefault()?.Message,
        response.Usage?.InputTokenCount,
        response.Usage?.OutputTokenCount,
        response.ModelId);

    /// <summary>The ledger's word for how it ended.</summary>
    public string Outcome => Refusal is not null ? "refused" : Finish switch
    {
        "content_filter" => "filtered",
        "length" => "cut",
        _ => "answered",
    };

    /// <summary>The response a caller sees.</summary>
    public ChatResponse ToResponse()
    {
        var message = new ChatMessage(ChatRole.Assistant, Text);
        if (Refusal is not null)
        {
            message.Contents.Add(new ErrorContent(Refusal) { ErrorCode = nameof(Refusal) });
        }

        return new ChatResponse(message)
        {
            FinishReason = Finish is null ? null : new ChatFinishReason(Finish),
            ModelId = Model,
            Usage = InputTokens is null && OutputTokens is null
                ? null
                : new UsageDetails
                {
                    InputTokenCount = InputTokens,
                    OutputTokenCount = OutputTokens,
                    TotalTokenCount = InputTokens + OutputTokens,
                },
        };
    }
}
