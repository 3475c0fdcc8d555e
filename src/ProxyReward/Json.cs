using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProxyReward;

/// <summary>How every JSON file of the project is written: snake_case names, enums as text, non-ASCII kept readable.</summary>
public static class Json
{
    /// <summary>One value on one line (JSONL). Numbers that are missing, NaN or infinite are errors, never written.</summary>
    public static JsonSerializerOptions Line { get; } = Options(indented: false);

    /// <summary>The same for a file that people read.</summary>
    public static JsonSerializerOptions Indented { get; } = Options(indented: true);

    private static JsonSerializerOptions Options(bool indented)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            WriteIndented = indented,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
