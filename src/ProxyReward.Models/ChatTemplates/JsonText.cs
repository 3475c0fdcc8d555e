using System.Globalization;
using System.Text;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>The filter <c>tojson</c> as transformers defines it: Python's <c>json.dumps</c> without HTML escapes, non-ASCII kept.</summary>
internal sealed class JsonText(bool asciiOnly, string? indent, string itemSeparator, string keySeparator, bool sortKeys)
{
    private readonly StringBuilder output = new();

    public static Value Filter(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("ensure_ascii", "indent", "separators", "sort_keys");
        var indent = bound[1] switch
        {
            null or None => null,
            Text text => text.Value,
            var spaces => new string(' ', Math.Clamp(arguments.CountOf(spaces, 0), 0, 100)),
        };
        var (item, key) = bound[2] switch
        {
            null or None => (indent is null ? ", " : ",", ": "),
            Sequence { List: [Text a, Text b] } => (a.Value, b.Value),
            _ => throw new TemplateException("tojson wants two strings as separators"),
        };
        arguments.Rendering.Charge(input.Weight * (1 + ((indent?.Length ?? 0) * (long)input.Depth)));
        var json = new JsonText(bound[0]?.IsTrue ?? false, indent, item, key, bound[3]?.IsTrue ?? false);
        json.Write(input, "\n");
        return new Text(json.output.ToString());
    }

    private void Write(Value value, string newline)
    {
        switch (value)
        {
            case Text text:
                Quote(text.Value);
                break;
            case None:
                output.Append("null");
                break;
            case Values.Boolean:
                output.Append(value.IsTrue ? "true" : "false");
                break;
            case Integer:
                output.Append(value);
                break;
            case Real real:
                output.Append(Number(real));
                break;
            case Sequence sequence:
                WriteAll('[', sequence.List, ']', newline, Write);
                break;
            case Mapping mapping:
                var entries = sortKeys ? mapping.Entries.OrderBy(entry => entry.Key, Comparer<Value>.Create((a, b) => Operators.Order(a, b))) : mapping.Entries.AsEnumerable();
                WriteAll('{', [.. entries], '}', newline, (entry, inner) =>
                {
                    Quote(Key(entry.Key));
                    output.Append(keySeparator);
                    Write(entry.Value, inner);
                });
                break;
            default:
                throw new TemplateException($"Object of type {value.TypeName} is not JSON serializable");
        }
    }

    private void WriteAll<T>(char open, IReadOnlyList<T> items, char close, string newline, Action<T, string> write)
    {
        output.Append(open);
        var inner = newline + indent;
        for (var i = 0; i < items.Count; i++)
        {
            output.Append(i > 0 ? itemSeparator : "").Append(indent is null ? "" : inner);
            write(items[i], inner);
        }

        output.Append(indent is null || items.Count == 0 ? "" : newline).Append(close);
    }

    private static string Number(Real real) => real.Value switch
    {
        double.NaN => "NaN",
        double.PositiveInfinity => "Infinity",
        double.NegativeInfinity => "-Infinity",
        var number => PythonText.Print(number),
    };

    private static string Key(Value key) => key switch
    {
        Text text => text.Value,
        None => "null",
        Values.Boolean => key.IsTrue ? "true" : "false",
        Real real => Number(real),
        Integer => key.ToString(),
        _ => throw new TemplateException($"keys must be str, int, float, bool or None, not {key.TypeName}"),
    };

    private void Quote(string text)
    {
        output.Append('"');
        foreach (var symbol in text)
        {
            _ = symbol switch
            {
                '"' => output.Append("\\\""),
                '\\' => output.Append("\\\\"),
                '\n' => output.Append("\\n"),
                '\r' => output.Append("\\r"),
                '\t' => output.Append("\\t"),
                '\f' => output.Append("\\f"),
                '\b' => output.Append("\\b"),
                < ' ' => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)symbol:x4}"),
                > '~' when asciiOnly => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)symbol:x4}"),
                _ => output.Append(symbol),
            };
        }

        output.Append('"');
    }
}
