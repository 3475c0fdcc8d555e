using System.Text.Json;
using System.Text.Json.Serialization;
using ProxyReward.Verdicts;

namespace ProxyReward.Clients.Asking;

/// <summary>
/// Reads a record out of what a model said. Tolerant of what models do (a thought before it, prose around it, code fences, trailing
/// commas, "true" as a string, a bare list where an object with that list was asked for), strict about the content. Linear in the text.
/// </summary>
internal static class ReplyJson
{
    private static readonly JsonSerializerOptions Options = Tolerant();

    /// <summary>The first JSON value in the text that is a <typeparamref name="T"/>.</summary>
    /// <exception cref="ReplyException">There is none; the message says why the last candidate is not.</exception>
    public static T Read<T>(string text)
    {
        var thought = text.LastIndexOf("</think>", StringComparison.Ordinal);
        var rest = thought < 0 ? text : text[(thought + "</think>".Length)..];
        ReplyException? last = null;
        foreach (var (start, end) in Candidates(rest))
        {
            if (end < 0)
            {
                throw new ReplyException("the JSON breaks off before its end");
            }

            try
            {
                return Deserialize<T>(rest[start..end]);
            }
            catch (JsonException e)
            {
                last = new ReplyException($"the JSON has not the form asked for: {e.Path}: {Json.Fault(e)}", e);
            }
        }

        throw last ?? new ReplyException("there is no JSON in the reply");
    }

    private static T Deserialize<T>(string json)
    {
        var properties = typeof(T).GetProperties();
        if (json[0] == '[' && properties.Length == 1)
        {
            json = $"{{\"{JsonNamingPolicy.SnakeCaseLower.ConvertName(properties[0].Name)}\":{json}}}";
        }

        return JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("null");
    }

    // Outermost brackets, one after the other; an end of −1 is a value that breaks off. Quotes count inside a value only:
    // in prose an apostrophe or a quote opens nothing.
    private static IEnumerable<(int Start, int End)> Candidates(string text)
    {
        var (depth, start, quoted) = (0, 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when quoted:
                    i++;
                    break;
                case '"' when depth > 0:
                    quoted = !quoted;
                    break;
                case '{' or '[' when !quoted:
                    start = depth++ == 0 ? i : start;
                    break;
                case '}' or ']' when !quoted && depth > 0 && --depth == 0:
                    yield return (start, i + 1);
                    break;
            }
        }

        if (depth > 0)
        {
            yield return (start, -1);
        }
    }

    private static JsonSerializerOptions Tolerant()
    {
        var options = new JsonSerializerOptions(Json.Line)
        {
            AllowTrailingCommas = true,
            ReadCommentHandling = JsonCommentHandling.Skip,
            NumberHandling = JsonNumberHandling.AllowReadingFromString,
            PropertyNameCaseInsensitive = true,
        };
        options.Converters.Insert(0, new TruthConverter());
        options.Converters.Insert(0, new VerdictConverter());
        return options;
    }

    // "Not stated", "NOT_STATED", true: models rarely keep to one spelling.
    private sealed class VerdictConverter : JsonConverter<Verdict>
    {
        public override Verdict Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var said = reader.TokenType switch
            {
                JsonTokenType.True => nameof(Verdict.True),
                JsonTokenType.False => nameof(Verdict.False),
                JsonTokenType.String => string.Concat(reader.GetString()!.Where(char.IsLetter)),
                _ => "",
            };
            return Enum.TryParse<Verdict>(said, ignoreCase: true, out var verdict) ? verdict : throw new JsonException("a verdict is True, False or NotStated");
        }

        public override void Write(Utf8JsonWriter writer, Verdict value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    private sealed class TruthConverter : JsonConverter<bool>
    {
        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.String when bool.TryParse(reader.GetString(), out var value) => value,
            _ => throw new JsonException("neither true nor false"),
        };

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
    }
}
