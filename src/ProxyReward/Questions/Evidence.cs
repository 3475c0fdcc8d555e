using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProxyReward.Questions;

/// <summary>
/// One alternative of a proxy question's evidence: every one of its strings must occur in one sentence of the response,
/// on word boundaries and whatever the case. In a file a single string, or an inner list of strings.
/// </summary>
/// <param name="AllOf">At least one string, none of them empty, each an <see cref="EvidencePhrase"/>.</param>
[JsonConverter(typeof(EvidenceJsonConverter))]
public sealed record Evidence(IReadOnlyList<string> AllOf);

internal sealed class EvidenceJsonConverter : JsonConverter<Evidence>
{
    public override Evidence Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new Evidence([Phrase(reader.GetString()!)]);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("An evidence alternative is a string or a list of strings.");
        }

        var all = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            all.Add(reader.TokenType == JsonTokenType.String
                ? Phrase(reader.GetString()!)
                : throw new JsonException("An inner list of evidence holds strings only."));
        }

        return all.Count > 0 ? new Evidence(all) : throw new JsonException("An inner list of evidence must not be empty.");
    }

    public override void Write(Utf8JsonWriter writer, Evidence value, JsonSerializerOptions options)
    {
        if (value.AllOf.Count == 1)
        {
            writer.WriteStringValue(value.AllOf[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (var text in value.AllOf)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static string Phrase(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new JsonException("An evidence string must not be empty.");
        }

        try
        {
            EvidencePhrase.Parse(text);
            return text;
        }
        catch (FormatException error)
        {
            throw new JsonException(error.Message, error);
        }
    }
}
