using System.Globalization;
using System.Text;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>How Python prints values, and what it takes for white space.</summary>
internal static class PythonText
{
    /// <summary>Python's <c>str.isspace</c>; .NET leaves U+001C–1F out.</summary>
    public static bool IsSpace(char symbol) => char.IsWhiteSpace(symbol) || symbol is >= '\u001C' and <= '\u001F';

    public static ReadOnlySpan<char> TrimStart(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && IsSpace(text[0]))
        {
            text = text[1..];
        }

        return text;
    }

    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && IsSpace(text[^1]))
        {
            text = text[..^1];
        }

        return text;
    }

    /// <summary><c>str(value)</c>.</summary>
    public static string Print(Value value) => value switch
    {
        Text text => text.Value,
        Undefined => "",
        _ => Represent(value),
    };

    /// <summary><c>repr(value)</c>.</summary>
    public static string Represent(Value value)
    {
        var output = new StringBuilder();
        Represent(value, output);
        return output.ToString();
    }

    /// <summary>Python's shortest form that reads back the same: an exponent below 1e-4 and from 1e16 on.</summary>
    public static string Print(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        // .NET's "E16" would add digits; "R" is the shortest, in a form of its own: take its digits and its exponent.
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var sign = shortest[0] == '-' ? "-" : "";
        var (mantissa, power) = shortest[sign.Length..].Split('E') is [var m, var e] ? (m, int.Parse(e, CultureInfo.InvariantCulture)) : (shortest[sign.Length..], 0);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? dot : mantissa.Length;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        if (digits.Length == 0)
        {
            return sign + "0.0";
        }

        var exponent = point - leading - 1 + power;
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return sign + (exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
            : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0') + ".0"
            : digits[..(exponent + 1)] + "." + digits[(exponent + 1)..]);
    }

    private static void Represent(Value value, StringBuilder output)
    {
        switch (value)
        {
            case None:
                output.Append("None");
                break;
            case Undefined:
                output.Append("Undefined");
                break;
            case Values.Boolean:
                output.Append(value.IsTrue ? "True" : "False");
                break;
            case Integer integer:
                output.Append(integer.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case Real real:
                output.Append(Print(real.Value));
                break;
            case Text text:
                Quote(text.Value, output);
                break;
            case Sequence sequence:
                output.Append(sequence.IsTuple ? '(' : '[');
                Join(sequence.List, output, Represent);
                output.Append(sequence is { IsTuple: true, List.Count: 1 } ? "," : "").Append(sequence.IsTuple ? ')' : ']');
                break;
            case Mapping mapping:
                output.Append('{');
                Join(mapping.Entries, output, (entry, to) =>
                {
                    Represent(entry.Key, to);
                    to.Append(": ");
                    Represent(entry.Value, to);
                });
                output.Append('}');
                break;
            default:
                output.Append('<').Append(value.TypeName).Append('>');
                break;
        }
    }

    private static void Join<T>(IEnumerable<T> items, StringBuilder output, Action<T, StringBuilder> write)
    {
        var first = true;
        foreach (var item in items)
        {
            output.Append(first ? "" : ", ");
            write(item, output);
            first = false;
        }
    }

    private static void Quote(string text, StringBuilder output)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        output.Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' => output.Append("\\n"),
                '\r' => output.Append("\\r"),
                '\t' => output.Append("\\t"),
                '\\' => output.Append("\\\\"),
                var c when c == quote => output.Append('\\').Append(quote),
                var c when IsPrintable(rune) => output.Append(rune.ToString()),
                < 0x100 and var c => output.Append($"\\x{c:x2}"),
                < 0x10000 and var c => output.Append($"\\u{c:x4}"),
                var c => output.Append($"\\U{c:x8}"),
            };
        }

        output.Append(quote);
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
