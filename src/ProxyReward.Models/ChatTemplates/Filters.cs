using System.Globalization;
using System.Numerics;
using System.Text;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>What stands behind a bar.</summary>
internal delegate Value Filter(Value input, Arguments arguments);

/// <summary>Jinja's filters for texts, numbers and single values; those for lists are in <see cref="ListFilters"/>.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, Filter> All = new()
    {
        ["tojson"] = JsonText.Filter,
        ["string"] = (input, arguments) => new Text(arguments.Rendering.Print(input)),
        ["safe"] = (input, arguments) => new Text(arguments.Rendering.Print(input)),
        ["e"] = Escape,
        ["escape"] = Escape,
        ["default"] = Default,
        ["d"] = Default,
        ["length"] = Length,
        ["count"] = Length,
        ["abs"] = (input, arguments) => Operators.Order(input, new Integer(0)) < 0 ? Operators.Apply("-", new Integer(0), input, arguments.Rendering) : input,
        ["int"] = ToInteger,
        ["float"] = ToReal,
        ["round"] = Round,
        ["upper"] = OnText(CaseMapping.Upper),
        ["lower"] = OnText(CaseMapping.Lower),
        ["capitalize"] = OnText(CaseMapping.Capitalize),
        ["title"] = OnText(TitleOfWords),
        ["trim"] = (input, arguments) => StringMethods.Strip(arguments.Rendering.Print(input), arguments, start: true, end: true),
        ["replace"] = (input, arguments) =>
        {
            var bound = arguments.Bind("old", "new", "count");
            return StringMethods.Replace(arguments.Rendering.Print(input), arguments.TextOf(bound[0]), arguments.TextOf(bound[1]), arguments.CountOf(bound[2], -1), arguments.Rendering);
        },
        ["format"] = (input, arguments) => new Text(StringFormat.Percent(
            arguments.TextOf(input),
            arguments.Named.Count > 0 ? NamedAsMapping(arguments) : new Sequence(arguments.Positional, isTuple: true),
            arguments.Rendering)),
        ["indent"] = Indent,
        ["truncate"] = Truncate,
        ["wordcount"] = (input, arguments) => new Integer(WordCount(arguments.Rendering.Print(input))),
        ["center"] = (input, arguments) => StringMethods.Center(new Text(arguments.Rendering.Print(input)), arguments.Positional is [] && arguments.Named.Count == 0
            ? arguments with { Positional = [new Integer(80)] }
            : arguments),
        ["items"] = (input, _) => input switch
        {
            Mapping mapping => Member.Pairs(mapping),
            Undefined => new Sequence([]),
            _ => throw new TemplateException("only a mapping has items"),
        },
    };

    /// <summary>The filter of a name, or null.</summary>
    public static Filter? Find(string name) => All.GetValueOrDefault(name) ?? ListFilters.Find(name);

    private static Filter OnText(Func<string, string> change) => (input, arguments) =>
    {
        _ = arguments.Bind();
        return new Text(change(arguments.Rendering.Print(input)));
    };

    private static Mapping NamedAsMapping(Arguments arguments) =>
        new(new OrderedDictionary<Value, Value>(arguments.Named.Select(entry => KeyValuePair.Create<Value, Value>(new Text(entry.Key), entry.Value))));

    private static Text Escape(Value input, Arguments arguments) => new(arguments.Rendering.Print(input)
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal));

    private static Value Default(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("default_value", "boolean");
        return input is Undefined || ((bound[1]?.IsTrue ?? false) && !input.IsTrue) ? bound[0] ?? Text.Empty : input;
    }

    private static Integer Length(Value input, Arguments arguments) =>
        new(input.Length ?? throw new TemplateException($"object of type '{input.TypeName}' has no len()"));

    private static Value ToInteger(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("default", "base");
        var absent = bound[0] ?? new Integer(0);
        if (Numbers.IsNumber(input, out var number))
        {
            return Numbers.IsInteger(input, out var integer) ? new Integer(integer) : double.IsFinite(number) ? Numbers.Of(new BigInteger(Math.Truncate(number))) : absent;
        }

        if (arguments.CountOf(bound[1], 10) != 10)
        {
            throw new TemplateException("the filter 'int' is supported for base 10 only");
        }

        return input is not Text { Value.Length: < 1000 } text ? absent
            : BigInteger.TryParse(text.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed) ? Numbers.Of(parsed)
            : double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? Numbers.Of(new BigInteger(Math.Truncate(real)))
            : absent;
    }

    private static Value ToReal(Value input, Arguments arguments) => Numbers.IsNumber(input, out var number) ? new Real(number)
        : input is Text text && double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? new Real(parsed)
        : arguments.Bind("default")[0] ?? new Real(0);

    private static Value Round(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("precision", "method");
        if (!Numbers.IsNumber(input, out var number))
        {
            throw new TemplateException($"'{input.TypeName}' cannot be rounded");
        }

        var precision = arguments.CountOf(bound[0], 0);
        var scale = Math.Pow(10, precision);
        return (bound[1] is null ? "common" : arguments.TextOf(bound[1])) switch
        {
            "common" when input is Real => new Real(StringFormat.Round(number, precision)),
            "common" => input,
            "ceil" => new Real(Math.Ceiling(number * scale) / scale),
            "floor" => new Real(Math.Floor(number * scale) / scale),
            var method => throw new TemplateException($"round knows 'common', 'ceil' and 'floor', not '{method}'"),
        };
    }

    /// <summary>Jinja's own rule: words begin after white space, a hyphen or an opening bracket.</summary>
    private static string TitleOfWords(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int from = 0, end; from < text.Length; from = end)
        {
            for (end = from; end < text.Length && !IsBoundary(text[end]); end++)
            {
            }

            result.Append(end > from ? CaseMapping.Capitalize(text[from..end]) : "");
            for (; end < text.Length && IsBoundary(text[end]); end++)
            {
                result.Append(text[end]);
            }
        }

        return result.ToString();

        static bool IsBoundary(char symbol) => PythonText.IsSpace(symbol) || symbol is '-' or '(' or '{' or '[' or '<';
    }

    private static Text Indent(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("width", "first", "blank");
        var margin = bound[0] is Text text ? text.Value : new string(' ', Math.Clamp(arguments.CountOf(bound[0], 4), 0, 1000));
        var (first, blank) = (bound[1]?.IsTrue ?? false, bound[2]?.IsTrue ?? false);
        var lines = StringMethods.Lines(arguments.Rendering.Print(input) + "\n", keepEnds: false).List; // the added end keeps a last empty line
        return StringMethods.Join(
            "\n",
            lines.Select((line, i) => (i == 0 ? first : line.IsTrue || blank) ? margin + line : line.ToString()),
            arguments.Rendering);
    }

    private static Text Truncate(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("length", "killwords", "end", "leeway");
        var text = new Text(arguments.Rendering.Print(input));
        var end = bound[2] is null ? "..." : arguments.TextOf(bound[2]);
        var length = arguments.CountOf(bound[0], 255);
        var kept = length - new Text(end).Length!.Value;
        if (kept < 0)
        {
            throw new TemplateException($"truncate wants a length of at least that of '{end}'");
        }

        if (text.Length <= length + (long)arguments.CountOf(bound[3], 5))
        {
            return text;
        }

        var cut = Operators.Slice(text, null, new Integer(kept), null).ToString();
        var space = cut.LastIndexOf(' ');
        return new Text((bound[1]?.IsTrue ?? false) || space < 0 ? cut + end : cut[..space] + end);
    }

    private static int WordCount(string text)
    {
        var (count, inWord) = (0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var isWord = Rune.IsLetterOrDigit(rune) || rune.Value == '_';
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }

        return count;
    }
}
