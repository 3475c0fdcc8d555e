using System.Globalization;
using System.Text;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>C's <c>strftime</c>, in English.</summary>
internal static class Strftime
{
    public static string Format(DateTime time, string format)
    {
        var result = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                result.Append(format[i]);
                continue;
            }

            var plain = format[i + 1] == '-' && i + 2 < format.Length; // glibc: no padding
            i += plain ? 2 : 1;
            var part = Part(time, format[i]);
            result.Append(plain && part.Length > 1 ? part.TrimStart('0', ' ') is { Length: > 0 } rest ? rest : "0" : part);
        }

        return result.ToString();
    }

    private static string Part(DateTime time, char code)
    {
        return code switch
        {
            'a' => Net("ddd"),
            'A' => Net("dddd"),
            'b' or 'h' => Net("MMM"),
            'B' => Net("MMMM"),
            'c' => Net("ddd MMM ") + Part(time, 'e') + Net(" HH:mm:ss yyyy"),
            'd' => Net("dd"),
            'D' or 'x' => Net("MM/dd/yy"),
            'e' => $"{time.Day,2}",
            'f' => Net("ffffff"),
            'F' => Net("yyyy-MM-dd"),
            'H' => Net("HH"),
            'I' => Net("hh"),
            'j' => $"{time.DayOfYear:000}",
            'm' => Net("MM"),
            'M' => Net("mm"),
            'n' => "\n",
            'p' => Net("tt"),
            'R' => Net("HH:mm"),
            'S' => Net("ss"),
            't' => "\t",
            'T' or 'X' => Net("HH:mm:ss"),
            'u' => $"{(time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek)}",
            'U' => $"{(time.DayOfYear + 6 - (int)time.DayOfWeek) / 7:00}",
            'V' => $"{ISOWeek.GetWeekOfYear(time):00}",
            'G' => $"{ISOWeek.GetYear(time):0000}",
            'w' => $"{(int)time.DayOfWeek}",
            'W' => $"{(time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7:00}",
            'y' => Net("yy"),
            'Y' => Net("yyyy"),
            'z' or 'Z' => "", // the clock has no zone
            '%' => "%",
            _ => throw new TemplateException($"strftime_now does not know '%{code}'"),
        };

        // A single letter would be one of .NET's standard formats; none of these is.
        string Net(string format) => time.ToString(format, CultureInfo.InvariantCulture);
    }
}
