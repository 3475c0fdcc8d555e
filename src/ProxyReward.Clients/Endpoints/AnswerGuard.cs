using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProxyReward.Clients.Endpoints;

/// <summary>
/// Stands between the wire and the OpenAI SDK: bounds the size of a body and turns what the SDK would choke on (no JSON, no choices,
/// a finish_reason it does not know) into an answer or a message that can be acted on. Failed statuses pass for the retry layer to judge.
/// </summary>
internal sealed class AnswerGuard(HttpMessageHandler inner, int maxBytes) : DelegatingHandler(inner)
{
    private static readonly HashSet<string> Known = ["stop", "length", "content_filter", "tool_calls", "function_call"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            var body = await ReadAsync(response.Content, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                body = Checked(body, response.Content.Headers.ContentType);
            }

            var content = new ByteArrayContent(body);
            content.Headers.ContentType = response.Content.Headers.ContentType;
            response.Content.Dispose();
            response.Content = content;
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > maxBytes)
        {
            throw TooLarge();
        }

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream((int)(content.Headers.ContentLength ?? 0));
        var buffer = new byte[16384];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > maxBytes)
            {
                throw TooLarge();
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private MalformedAnswerException TooLarge() =>
        new($"the answer is larger than {maxBytes:N0} bytes; ask for fewer tokens, or raise max_answer_bytes");

    private static byte[] Checked(byte[] body, MediaTypeHeaderValue? type)
    {
        if (type?.MediaType is { } media && !media.EndsWith("json", StringComparison.OrdinalIgnoreCase))
        {
            throw new MalformedAnswerException($"the answer is {media}, not JSON; does the address end in /v1?");
        }

        JsonNode? answer;
        try
        {
            answer = JsonNode.Parse(body);
        }
        catch (JsonException e)
        {
            throw new MalformedAnswerException($"the answer is no complete JSON ({body.Length:N0} bytes)", e);
        }

        if (answer is not JsonObject whole || whole["choices"] is not JsonArray { Count: > 0 } choices)
        {
            var said = (answer as JsonObject)?["error"]?.ToJsonString();
            throw new MalformedAnswerException(said is null ? "the answer holds no choices" : $"the endpoint reports {Failure.Shorten(said)}");
        }

        return Mended(choices) ? JsonSerializer.SerializeToUtf8Bytes(answer) : body;
    }

    // The SDK throws on a reason outside OpenAI's list, which would throw away an answer that was paid for.
    private static bool Mended(JsonArray choices)
    {
        var mended = false;
        foreach (var choice in choices.OfType<JsonObject>())
        {
            if (choice["finish_reason"] is JsonValue value && value.TryGetValue<string>(out var reason) && !Known.Contains(reason))
            {
                choice["finish_reason"] = reason is "max_tokens" or "model_length" ? "length" : "stop";
                mended = true;
            }
        }

        return mended;
    }
}
