using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ProxyReward.Clients.Requests;

namespace ProxyReward.Clients.Tests.Requests;

public sealed class RequestKeyTests
{
    private static readonly Uri Endpoint = new("http://localhost:8000/v1");
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Is it?")];

    public static TheoryData<string> OptionNames =>
        [.. typeof(ChatOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name)];

    // Walks over whatever options the library has, so that one that is new cannot be forgotten.
    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Every_option_changes_the_key_or_is_refused(string name)
    {
        var plain = RequestKey.Of(Endpoint, "m", Messages, new ChatOptions());
        var options = new ChatOptions();
        Set(options, name);
        string key;
        try
        {
            key = RequestKey.Of(Endpoint, "m", Messages, options);
        }
        catch (ArgumentException)
        {
            return;
        }

        Assert.NotEqual(plain, key);
    }

    [Fact]
    public void Endpoint_model_role_text_order_schema_prompt_and_attempt_change_the_key()
    {
        using var one = JsonDocument.Parse("""{"type":"object"}""");
        using var two = JsonDocument.Parse("""{"type":"array"}""");
        ChatMessage system = new(ChatRole.System, "Is it?");
        ChatMessage other = new(ChatRole.User, "Was it?");
        string[] keys =
        [
            RequestKey.Of(Endpoint, "m", Messages, null),
            RequestKey.Of(new Uri("http://localhost:8001/v1"), "m", Messages, null),
            RequestKey.Of(Endpoint, "n", Messages, null),
            RequestKey.Of(Endpoint, "m", [system], null),
            RequestKey.Of(Endpoint, "m", [other], null),
            RequestKey.Of(Endpoint, "m", [Messages[0], other], null),
            RequestKey.Of(Endpoint, "m", [other, Messages[0]], null),
            RequestKey.Of(Endpoint, "m", Messages, new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(one.RootElement) }),
            RequestKey.Of(Endpoint, "m", Messages, new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(two.RootElement) }),
            RequestKey.Of(Endpoint, "m", Messages, new() { ResponseFormat = ChatResponseFormat.Json }),
            RequestKey.Of(Endpoint, "m", Messages, new() { ResponseFormat = ChatResponseFormat.Text }),
            RequestKey.Of(Endpoint, "m", Messages, new Call("s", "hash").On(new ChatOptions())),
            RequestKey.Of(Endpoint, "m", Messages, new Call("s", "", 1).On(new ChatOptions())),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void The_stage_does_not_change_the_key_and_the_key_of_a_request_stays_what_it_was()
    {
        var key = RequestKey.Of(Endpoint, "m", Messages, new Call("one").On(new ChatOptions { Temperature = 0.8f, Seed = 3 }));
        Assert.Equal(key, RequestKey.Of(Endpoint, "m", Messages, new Call("two").On(new ChatOptions { Temperature = 0.8f, Seed = 3 })));

        // Recorded: a change of form makes everybody pay again, so it must be meant.
        Assert.Equal("10219b6e78b34a162e0e2696d219cf2d40b63f051fbce5423ddedccf31ef9421", key);
    }

    private static void Set(ChatOptions options, string name)
    {
        var property = typeof(ChatOptions).GetProperty(name)!;
        using var schema = JsonDocument.Parse("{}");
        object value = name switch
        {
            nameof(ChatOptions.Tools) => new List<AITool> { AIFunctionFactory.Create(() => 1, "one") },
            nameof(ChatOptions.ToolMode) => ChatToolMode.Auto,
            nameof(ChatOptions.StopSequences) => new List<string> { "END" },
            nameof(ChatOptions.ResponseFormat) => ChatResponseFormat.Json,
            nameof(ChatOptions.RawRepresentationFactory) => (Func<IChatClient, object?>)(_ => null),
            nameof(ChatOptions.AdditionalProperties) => new AdditionalPropertiesDictionary { ["other"] = 1 },
            nameof(ChatOptions.ContinuationToken) => ResponseContinuationToken.FromBytes(new byte[] { 1 }),
            nameof(ChatOptions.Reasoning) => new ReasoningOptions { Effort = ReasoningEffort.High },
            _ => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) switch
            {
                var type when type == typeof(string) => "x",
                var type when type == typeof(bool) => true,
                var type => Convert.ChangeType(7, type, null),
            },
        };
        property.SetValue(options, value);
    }
}
