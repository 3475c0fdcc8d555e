using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Prompts;
using ProxyReward.Clients.Requests;

namespace ProxyReward.Clients.Asking;

/// <summary>How a question to a model is asked.</summary>
public sealed record AskOptions
{
    /// <summary>A folder with prompt files that replace the built-in ones; null: none.</summary>
    public string? PromptFolder { get; init; }

    /// <summary>How often a question is asked until its reply can be understood.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Tokens of a reply at most; null: the endpoint's limit.</summary>
    public int? MaxOutputTokens { get; init; } = 4096;

    /// <summary>Null: the endpoint's own.</summary>
    public float? Temperature { get; init; }

    /// <summary>The seed sent along; each attempt adds to it, so that endpoints that honour it answer anew.</summary>
    public long Seed { get; init; }
}

/// <summary>
/// Asks a model for a record: by JSON schema where the endpoint has it, and in any case read with tolerance and asked again when it
/// cannot be understood.
/// </summary>
/// <param name="client">The model.</param>
/// <param name="endpoint">What it was opened with.</param>
/// <param name="options">How to ask.</param>
public sealed class Asker(RecordedChatClient client, EndpointOptions endpoint, AskOptions options)
{
    private readonly AskOptions options = options.Attempts is >= 1 and <= 100
        ? options
        : throw new RequestException($"attempts: is {options.Attempts}; 1 to 100.");

    private readonly ConcurrentDictionary<string, Prompt> prompts = new();
    private readonly ConcurrentDictionary<Type, ChatResponseFormatJson> schemas = new();

    /// <summary>The model asked.</summary>
    public string Model => endpoint.Model;

    /// <summary>Requests that may be in flight.</summary>
    public int Concurrency => endpoint.Concurrency;

    /// <summary>Asks, and asks again while the reply cannot be used.</summary>
    /// <typeparam name="T">A record; its schema is what the model is held to.</typeparam>
    /// <param name="stage">For the ledger.</param>
    /// <param name="prompt">The name of the prompt file.</param>
    /// <param name="values">What fills its gaps.</param>
    /// <param name="check">Throws <see cref="ReplyException"/> where a well-formed reply breaks a rule.</param>
    /// <param name="cancellationToken">Stops the asking.</param>
    /// <exception cref="ReplyException">No attempt gave a usable reply.</exception>
    public async Task<T> AskAsync<T>(
        string stage,
        string prompt,
        IReadOnlyDictionary<string, string> values,
        Action<T> check,
        CancellationToken cancellationToken)
        where T : class
    {
        for (var attempt = 0; ; attempt++)
        {
            var (messages, call) = Request<T>(stage, prompt, values, attempt);
            var response = await client.GetResponseAsync(messages, call, cancellationToken);
            try
            {
                return Understood(response, check);
            }
            catch (ReplyException e)
            {
                client.ParseFailed(messages, call, e.Message);
                if (attempt + 1 == options.Attempts)
                {
                    throw new ReplyException(
                        $"{Model} gave no usable reply to '{prompt}' in {options.Attempts} attempts (allow more, or change the seed): "
                        + $"{e.Message}.",
                        e);
                }
            }
        }
    }

    /// <summary>What asking would take; nothing for a request that was answered before.</summary>
    public TokenEstimate Estimate<T>(string stage, string prompt, IReadOnlyDictionary<string, string> values, int expectedOutputTokens)
    {
        var (messages, call) = Request<T>(stage, prompt, values, attempt: 0);
        return client.Holds(messages, call) ? default : TokenEstimate.Of(messages, call) with { Output = expectedOutputTokens };
    }

    private static T Understood<T>(ChatResponse response, Action<T> check)
    {
        if (response.Messages.SelectMany(message => message.Contents).OfType<ErrorContent>().FirstOrDefault() is { } refusal)
        {
            throw new ReplyException($"the model refused: {Failure.Shorten(refusal.Message)}");
        }

        if (response.FinishReason == ChatFinishReason.ContentFilter)
        {
            throw new ReplyException("a content filter kept the reply");
        }

        try
        {
            var reply = ReplyJson.Read<T>(response.Text);
            check(reply);
            return reply;
        }
        catch (ReplyException e) when (response.FinishReason == ChatFinishReason.Length)
        {
            throw new ReplyException($"{e.Message} (the reply met the token limit)", e);
        }
    }

    private (IReadOnlyList<ChatMessage> Messages, ChatOptions Options) Request<T>(
        string stage, string name, IReadOnlyDictionary<string, string> values, int attempt)
    {
        var prompt = prompts.GetOrAdd(name, wanted => Prompt.Load(wanted, options.PromptFolder));
        var call = new ChatOptions
        {
            MaxOutputTokens = options.MaxOutputTokens,
            Temperature = options.Temperature,
            Seed = options.Seed + attempt,
        };
        if (endpoint.StructuredOutput)
        {
            call.ResponseFormat = schemas.GetOrAdd(
                typeof(T), type => ChatResponseFormat.ForJsonSchema(type, Json.Line, name.Replace('-', '_')));
            call.AdditionalProperties = new AdditionalPropertiesDictionary { ["strict"] = true };
        }

        return (prompt.Fill(values), new Call(stage, prompt.Hash, attempt).On(call));
    }
}
