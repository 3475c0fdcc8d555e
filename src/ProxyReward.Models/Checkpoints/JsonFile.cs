using System.Text.Json;
using System.Text.Unicode;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Checkpoints;

/// <summary>Reads the JSON files of a checkpoint, which are strangers' files: bounded in size, no key twice, errors with file and line.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file that holds one object. The caller disposes it.</summary>
    public static JsonDocument ReadObject(string path, long maxBytes = 1 << 24)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > maxBytes)
            {
                throw new RequestException($"{path}: {length} bytes are more than such a file can have ({maxBytes}); it is not what its name says.");
            }

            return ParseObject(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{path}: cannot be read ({e.Message}).", e);
        }
    }

    /// <summary>The same for bytes already at hand; <paramref name="place"/> is what errors name.</summary>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> json, string place)
    {
        try
        {
            CheckTexts(json.Span);
            var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                document.Dispose();
                throw new RequestException($"{place}: must be a JSON object.");
            }

            return document;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RequestException($"{place}: not valid JSON ({e.Message}); the file is damaged: {DamagedFile.Mend(place)}.", e);
        }
    }

    // JsonDocument looks into a text only when it is asked for, and would throw far from here: bytes that are no UTF-8, escapes that
    // are half a surrogate pair.
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new InvalidOperationException("it is not UTF-8");
        }

        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                reader.GetString();
            }
        }
    }
}
