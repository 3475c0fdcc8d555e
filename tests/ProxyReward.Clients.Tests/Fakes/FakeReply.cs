using System.Text;
using System.Text.Json;

namespace ProxyReward.Clients.Tests.Fakes;

/// <summary>One reply of the fake endpoint, good or bad.</summary>
public sealed record FakeReply(int Status, byte[] Body)
{
    public string ContentType { get; init; } = "application/json";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public TimeSpan Delay { get; init; }

    /// <summary>Bytes after which the connection is closed.</summary>
    public int? CutAfter { get; init; }

    /// <summary>A chat completion; 10 tokens in, 20 out.</summary>
    public static FakeReply Says(string text, string finish = "stop", string? refusal = null) => Json(new
    {
        id = "chatcmpl-1",
        @object = "chat.completion",
        created = 1,
        model = "fake-model-1",
        choices = new[] { new { index = 0, message = new { role = "assistant", content = text, refusal }, finish_reason = finish } },
        usage = new { prompt_tokens = 10, completion_tokens = 20, total_tokens = 30 },
    });

    public static FakeReply Json(object value) => new(200, JsonSerializer.SerializeToUtf8Bytes(value));

    public static FakeReply Text(string body, int status = 200) => new(status, Encoding.UTF8.GetBytes(body));

    /// <summary>An error as OpenAI words it.</summary>
    public static FakeReply Error(int status, string message, string code = "error", params (string, string)[] headers) =>
        Json(new { error = new { message, code } }) with { Status = status, Headers = headers };
}
