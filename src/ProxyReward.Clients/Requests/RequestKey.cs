using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ProxyReward.Clients.Requests;

/// <summary>
/// Names a request by everything that changes its answer: endpoint, model, messages with their roles, sampling, schema, seed,
/// prompt file and attempt. What cannot be named (tools, raw options, pictures) is refused rather than left out, or two different
/// requests would share one answer.
/// </summary>
public static class RequestKey
{
    // Raised when the form of a key changes, so that old answers are not taken for new ones.
    private const int Form = 1;

    /// <summary>The key: SHA-256 in lower-case hex.</summary>
    /// <param name="endpoint">The endpoint's address.</param>
    /// <param name="model">The model asked there.</param>
    /// <param name="messages">Texts only.</param>
    /// <param name="options">Sampling, schema and <see cref="Call"/>.</param>
    /// <exception cref="ArgumentException">The request holds something a key cannot name.</exception>
    public static string Of(Uri endpoint, string model, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        options ??= new ChatOptions();
        RefuseWhatCannotBeNamed(messages, options);
        var call = Call.Of(options);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteNumberValue(Form);
            json.WriteStringValue(endpoint.AbsoluteUri.TrimEnd('/'));
            json.WriteStringValue(options.ModelId ?? model);
            foreach (var message in messages)
            {
                json.WriteStringValue(message.Role.Value);
                json.WriteStringValue(message.Text);
            }

            json.WriteStartObject();
            Write(json, "instructions", options.Instructions);
            Write(json, "temperature", options.Temperature);
            Write(json, "top_p", options.TopP);
            Write(json, "frequency_penalty", options.FrequencyPenalty);
            Write(json, "presence_penalty", options.PresencePenalty);
            Write(json, "max_tokens", options.MaxOutputTokens);
            Write(json, "seed", options.Seed);
            Write(json, "reasoning", options.Reasoning);
            Write(json, "stop", options.StopSequences);
            Write(json, "schema", (options.ResponseFormat as ChatResponseFormatJson)?.Schema);
            Write(json, "format", options.ResponseFormat?.GetType().Name);
            Write(json, "prompt", call.PromptHash);
            Write(json, "attempt", call.Attempt);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static void RefuseWhatCannotBeNamed(IReadOnlyList<ChatMessage> messages, ChatOptions options)
    {
        var refused =
            options.Tools is { Count: > 0 } || options.ToolMode is not null || options.AllowMultipleToolCalls is not null ? "tools"
            : options.RawRepresentationFactory is not null ? "raw options"
            : options.ConversationId is not null ? "a conversation kept by the endpoint"
            : options.ContinuationToken is not null || options.AllowBackgroundResponses is not null ? "background responses"
            : options.TopK is not null ? "top_k (OpenAI's wire format has none)"
            : options.AdditionalProperties?.Keys.FirstOrDefault(key => key is not Call.Name and not "strict") is { } name ? $"the property '{name}'"
            : messages.Any(message => message.Contents.Any(content => content is not TextContent)) ? "contents other than text"
            : null;
        if (refused is not null)
        {
            throw new ArgumentException($"A cached request cannot carry {refused}.", nameof(options));
        }
    }

    private static void Write<T>(Utf8JsonWriter json, string name, T? value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, Json.Line);
    }
}
