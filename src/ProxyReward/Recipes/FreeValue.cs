using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ProxyReward.Recipes;

/// <summary>A value that no record gives a type: its spelling does. What YAML's versions read differently is refused, not guessed.</summary>
internal static partial class FreeValue
{
    /// <summary>What a recipe may give, for messages.</summary>
    public const string Kinds = "a text, a number, true or false; a text in quotes is always a text";

    /// <summary>The value; null where the node is none that is plain.</summary>
    public static JsonElement? Of(YamlNode node)
    {
        if (node is not YamlScalarNode { Value: { } text } scalar || !scalar.Tag.IsEmpty)
        {
            return null;
        }

        if (scalar.Style != ScalarStyle.Plain)
        {
            return JsonSerializer.SerializeToElement(text);
        }

        if (text is "true" or "false")
        {
            return JsonSerializer.SerializeToElement(text == "true");
        }

        if (Integer().IsMatch(text))
        {
            return long.TryParse(text, CultureInfo.InvariantCulture, out var integer) ? JsonSerializer.SerializeToElement(integer) : null;
        }

        if (Real().IsMatch(text))
        {
            return double.TryParse(text, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? OfReal(real) : null;
        }

        return text.Length == 0 || Ambiguous().IsMatch(text) ? null : JsonSerializer.SerializeToElement(text);
    }

    // 1.0 stays a number with a point: templates print it so.
    private static JsonElement OfReal(double real)
    {
        var digits = real.ToString("R", CultureInfo.InvariantCulture);
        using var json = JsonDocument.Parse(digits.AsSpan().ContainsAny('.', 'E') ? digits : digits + ".0");
        return json.RootElement.Clone();
    }

    [GeneratedRegex(@"^[-+]?[0-9]+$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")]
    private static partial Regex Real();

    [GeneratedRegex(@"^(?:~|null|true|false|yes|no|on|off|y|n|[-+]?\.(?:inf|nan)|[-+]?0[xob][0-9a-f_]+|[-+]?[0-9][0-9_]*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Ambiguous();
}
