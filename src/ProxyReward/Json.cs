using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace ProxyReward;

/// <summary>How every JSON file of the project is written: snake_case names, enums as text, non-ASCII kept readable.</summary>
public static partial class Json
{
    /// <summary>One value on one line (JSONL). Numbers that are missing, NaN or infinite are errors, never written.</summary>
    public static JsonSerializerOptions Line { get; } = Options(indented: false);

    /// <summary>The same for a file that people read.</summary>
    public static JsonSerializerOptions Indented { get; } = Options(indented: true);

    /// <summary>What is wrong with a text that is not the JSON that was wanted, without the types of .NET in it. Says no place.</summary>
    public static string Fault(JsonException fault)
    {
        var what = fault.Message.Split(" Path: ", 2)[0];
        if (Unconverted().Match(what) is { Success: true } unconverted)
        {
            // Of a value in an object the message names the object's type, and only what caused it the value's.
            var token = Token().Match(fault.InnerException?.Message ?? "");
            return $"The value is not {Kind(token.Success ? token.Groups["kind"].Value : unconverted.Groups["type"].Value)}.";
        }

        if (Missing().Match(what) is { Success: true } missing)
        {
            return $"There is no {missing.Groups["keys"].Value.Replace(", ", " and no ", StringComparison.Ordinal)}.";
        }

        return Null().IsMatch(what) ? "The value is null, which it must not be." : what;
    }

    private static string Kind(string type) => Wrapped().Replace(type, "${inner}") switch
    {
        "System.String" or "string" => "a text in quotes",
        "System.Boolean" or "boolean" => "true or false",
        "System.Int32" or "System.Int64" => "a whole number",
        "System.Single" or "System.Double" or "System.Decimal" or "number" => "a number",
        var other when other.Contains("List`", StringComparison.Ordinal) => "a list",
        _ => "what belongs there",
    };

    // The sentences of System.Text.Json.
    [GeneratedRegex("could not be converted to (?<type>.+?)\\.?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Unconverted();

    [GeneratedRegex(@"^Cannot get the value of a token type '\w+' as an? (?<kind>\w+)\.$", RegexOptions.ExplicitCapture)]
    private static partial Regex Token();

    [GeneratedRegex("missing required properties including: (?<keys>.+?)\\.?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Missing();

    [GeneratedRegex("doesn't allow (setting |getting )?null values", RegexOptions.ExplicitCapture)]
    private static partial Regex Null();

    [GeneratedRegex(@"^System\.Nullable`1\[(?<inner>.+)\]$", RegexOptions.ExplicitCapture)]
    private static partial Regex Wrapped();

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
