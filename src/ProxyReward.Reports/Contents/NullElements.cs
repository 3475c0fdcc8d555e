using System.Text.Json;

namespace ProxyReward.Reports.Contents;

/// <summary>Finds what the serializer lets through, though no record of the project has it: a null in a list.</summary>
internal static class NullElements
{
    /// <summary>Whether a list in a JSON or JSONL file holds null.</summary>
    /// <param name="json">One value or one on each line; what follows a torn end is not looked at.</param>
    public static bool Occur(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true });
        var lists = new Stack<bool>();
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartArray or JsonTokenType.StartObject:
                        lists.Push(reader.TokenType == JsonTokenType.StartArray);
                        break;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        lists.Pop();
                        break;
                    case JsonTokenType.Null when lists.TryPeek(out var inList) && inList:
                        return true;
                    default:
                        break;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }
}
