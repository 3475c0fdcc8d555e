using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>Python's two ways of filling a string in: <c>'%s' % x</c> and <c>'{}'.format(x)</c>.</summary>
internal static partial class StringFormat
{
    private const int MostWidth = 10_000;

    [GeneratedRegex(@"%(?:\((?<name>[^)]*)\))?(?<flags>[-+ 0#]*)(?<width>\d{1,6})?(?:\.(?<precision>\d{1,6}))?(?<code>.)?", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex PercentField();

    [GeneratedRegex(@"\{\{|\}\}|\{(?<field>[^{}]*)\}|[{}]")]
    private static partial Regex BraceField();

    /// <summary><c>format % values</c>.</summary>
    public static string Percent(string format, Value values, Rendering rendering)
    {
        var list = values is Sequence { IsTuple: true } tuple ? tuple.List : [values];
        var next = 0;
        var result = PercentField().Replace(format, match =>
        {
            var code = match.Groups["code"].Value;
            if (code == "%")
            {
                return "%";
            }

            Value value;
            if (match.Groups["name"].Success)
            {
                var key = match.Groups["name"].Value;
                value = (values as Mapping)?.Item(new Text(key)) ?? throw new TemplateException($"the format wants a value named '{key}'");
            }
            else
            {
                value = next < list.Count ? list[next++] : throw new TemplateException("not enough arguments for format string");
            }

            var width = Width(match.Groups["width"].Value, 0);
            var text = Convert(code, value, Width(match.Groups["precision"].Value, -1), match.Groups["flags"].Value, rendering);
            rendering.Charge(width + text.Length);
            return Pad(text, width, match.Groups["flags"].Value, isNumber: code is not ("s" or "r" or "c"));
        });
        return next == list.Count || values is Mapping ? result : throw new TemplateException("not all arguments converted during string formatting");
    }

    /// <summary><c>format.format(…)</c>: fields without attributes and format specifications.</summary>
    public static string Braces(string format, Arguments arguments)
    {
        var next = 0;
        return BraceField().Replace(format, match => match.Value switch
        {
            "{{" => "{",
            "}}" => "}",
            "{" or "}" => throw new TemplateException("a single brace in a format string"),
            _ => arguments.Rendering.Print(Field(match.Groups["field"].Value)),
        });

        Value Field(string name)
        {
            if (name.Length == 0)
            {
                name = next++.ToString(CultureInfo.InvariantCulture);
            }

            return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < arguments.Positional.Count
                ? arguments.Positional[index]
                : arguments.Named.GetValueOrDefault(name) ?? throw new TemplateException($"the field '{{{name}}}' has no value, or is more than a name");
        }
    }

    /// <summary>Rounds as Python does: the exact decimal value, halves to even.</summary>
    public static double Round(double number, int digits)
    {
        if (!double.IsFinite(number) || Math.Abs(number) >= 1e8 || digits is < 0 or > 15)
        {
            return digits < 0 ? Math.Round(number / Math.Pow(10, -digits)) * Math.Pow(10, -digits) : number;
        }

        // F20 is exact as far as it goes, and a half that lies beyond is none.
        var exact = decimal.Parse(number.ToString("F20", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return (double)decimal.Round(exact, digits, MidpointRounding.ToEven);
    }

    private static int Width(string digits, int absent)
    {
        if (digits.Length == 0)
        {
            return absent;
        }

        var width = int.Parse(digits, CultureInfo.InvariantCulture);
        return width <= MostWidth ? width : throw new TemplateException($"widths beyond {MostWidth} are not supported");
    }

    private static string Convert(string code, Value value, int precision, string flags, Rendering rendering)
    {
        switch (code)
        {
            case "s" or "r":
                rendering.Charge(value.Weight);
                var text = code == "s" ? value.ToString() : PythonText.Represent(value);
                return precision >= 0 && precision < text.Length ? text[..precision] : text;
            case "d" or "i" or "x" or "X" when Numbers.IsNumber(value, out var real):
                var integer = Numbers.IsInteger(value, out var exact) ? exact : new BigInteger(Math.Truncate(real));
                return Signed(integer.Sign < 0, code is "d" or "i" ? BigInteger.Abs(integer).ToString(CultureInfo.InvariantCulture) : Hex(integer, code), flags);
            case "f" or "F" or "e" or "E" when Numbers.IsNumber(value, out var number):
                var digits = precision < 0 ? 6 : precision;
                var magnitude = Math.Abs(number);
                return Signed(double.IsNegative(number), code is "f" or "F"
                    ? Round(magnitude, digits).ToString("F" + digits, CultureInfo.InvariantCulture)
                    : magnitude.ToString($"0.{new string('0', digits)}{code}+00", CultureInfo.InvariantCulture), flags);
            default:
                throw new TemplateException($"the format '%{code}' is not supported for '{value.TypeName}'");
        }
    }

    private static string Hex(BigInteger integer, string code) =>
        BigInteger.Abs(integer).ToString(code, CultureInfo.InvariantCulture).TrimStart('0') is { Length: > 0 } digits ? digits : "0";

    private static string Signed(bool negative, string digits, string flags) =>
        (negative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "") + digits;

    private static string Pad(string text, int width, string flags, bool isNumber)
    {
        if (flags.Contains('-'))
        {
            return text.PadRight(width);
        }

        if (!isNumber || !flags.Contains('0'))
        {
            return text.PadLeft(width);
        }

        var sign = text.StartsWith('-') || text.StartsWith('+') || text.StartsWith(' ') ? 1 : 0;
        return text[..sign] + text[sign..].PadLeft(Math.Max(0, width - sign), '0');
    }
}
