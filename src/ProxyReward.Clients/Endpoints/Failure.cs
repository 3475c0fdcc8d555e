using System.ClientModel;
using System.Globalization;
using System.Text.Json;

namespace ProxyReward.Clients.Endpoints;

/// <summary>What a failed attempt means: whether another may succeed, how long the endpoint asks to wait, and what a user reads.</summary>
/// <param name="Message">Without the endpoint's name; secrets are taken out by whoever shows it.</param>
/// <param name="MaxRetries">How many repetitions make sense: none where the request itself is wrong.</param>
/// <param name="RetryAfter">The wait the endpoint asked for; null where it did not.</param>
/// <param name="Wrong">The request must be mended: it is reported as a <see cref="RequestException"/>.</param>
internal sealed record Failure(string Message, int MaxRetries, TimeSpan? RetryAfter = null, bool Wrong = false)
{
    /// <summary>Judges an exception of the SDK, of HTTP or of our own guard.</summary>
    public static Failure Of(Exception exception, EndpointOptions endpoint, ApiKey key, TimeProvider time) => exception switch
    {
        ClientResultException { Status: > 0 } e => OfStatus(e, endpoint, key, time),
        ClientResultException { InnerException: { } inner } => Of(inner, endpoint, key, time),
        MalformedAnswerException e => new($"{e.Message}.", Math.Min(1, endpoint.MaxRetries)),
        OperationCanceledException =>
            new($"no answer within {endpoint.Timeout.TotalSeconds:0.#} s; raise timeout if it needs longer.", endpoint.MaxRetries),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } e =>
            new($"cannot be reached ({e.Message}); is the address right and the server running?", endpoint.MaxRetries),
        HttpRequestException or IOException => new($"the connection broke ({exception.Message}).", endpoint.MaxRetries),
        AggregateException { InnerException: { } inner } => Of(inner, endpoint, key, time),

        // Whatever else the SDK throws while it reads an answer: the answer has not the shape of a chat completion.
        _ => new($"the answer has not the shape of a chat completion ({Shorten(exception.Message)}).", Math.Min(1, endpoint.MaxRetries)),
    };

    /// <summary>Bounds what an endpoint said before it enters a message.</summary>
    public static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= 300 ? line : $"{line[..300]}…";
    }

    private static Failure OfStatus(ClientResultException e, EndpointOptions endpoint, ApiKey key, TimeProvider time)
    {
        var said = Said(e);
        return e.Status switch
        {
            401 or 403 => Mend(key.Variable is null
                ? $"wants a key (HTTP {e.Status}): name the variable that holds it (--api-key-env)."
                : $"did not accept the key in {key.Variable} (HTTP {e.Status}): {said}"),
            404 => Mend($"knows no model '{endpoint.Model}' or no such path (HTTP 404): {said}"),
            429 when said.Contains("insufficient_quota", StringComparison.Ordinal) => new($"the account's quota is used up: {said}", 0),
            408 or 409 or 425 or 429 or >= 500 => new($"HTTP {e.Status}: {said}", endpoint.MaxRetries, Asked(e, time)),
            400 or 422 when endpoint.StructuredOutput => Mend(
                $"refused the request (HTTP {e.Status}): {said} If it does not know response_format, switch structured output off."),
            _ => Mend($"refused the request (HTTP {e.Status}): {said}"),
        };

        static Failure Mend(string message) => new(message, 0, Wrong: true);
    }

    private static string Said(ClientResultException e)
    {
        var body = e.GetRawResponse()?.Content.ToString() ?? e.Message;
        try
        {
            using var json = JsonDocument.Parse(body);
            var error = json.RootElement.GetProperty("error");
            return Shorten(error.GetRawText());
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return Shorten(body);
        }
    }

    // RFC 9110: a number of seconds or a date; OpenAI also sends milliseconds.
    private static TimeSpan? Asked(ClientResultException e, TimeProvider time)
    {
        var headers = e.GetRawResponse()?.Headers;
        if (headers is null)
        {
            return null;
        }

        if (headers.TryGetValue("retry-after-ms", out var milliseconds) && Number(milliseconds) is { } ms)
        {
            return TimeSpan.FromMilliseconds(ms);
        }

        if (!headers.TryGetValue("retry-after", out var after))
        {
            return null;
        }

        if (Number(after) is { } seconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParse(after, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? TimeSpan.FromTicks(Math.Max(0, (date - time.GetUtcNow()).Ticks))
            : null;
    }

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1e8 ? number : null;
}
