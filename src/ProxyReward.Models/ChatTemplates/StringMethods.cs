using System.Text;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>The methods of strings.</summary>
internal static class StringMethods
{
    private static readonly System.Buffers.SearchValues<char> LineEnds = System.Buffers.SearchValues.Create("\n\r\v\f\u001C\u001D\u001E\u0085\u2028\u2029");

    private static readonly Dictionary<string, Method<Text>> All = new()
    {
        ["upper"] = (self, _) => new Text(CaseMapping.Upper(self.Value)),
        ["lower"] = (self, _) => new Text(CaseMapping.Lower(self.Value)),
        ["casefold"] = (self, _) => new Text(CaseMapping.Lower(CaseMapping.Upper(self.Value))),
        ["title"] = (self, _) => new Text(CaseMapping.Title(self.Value)),
        ["capitalize"] = (self, _) => new Text(CaseMapping.Capitalize(self.Value)),
        ["strip"] = (self, arguments) => Strip(self.Value, arguments, start: true, end: true),
        ["lstrip"] = (self, arguments) => Strip(self.Value, arguments, start: true, end: false),
        ["rstrip"] = (self, arguments) => Strip(self.Value, arguments, start: false, end: true),
        ["split"] = (self, arguments) => Split(self.Value, arguments, fromEnd: false),
        ["rsplit"] = (self, arguments) => Split(self.Value, arguments, fromEnd: true),
        ["splitlines"] = (self, arguments) => Lines(self.Value, arguments.Bind("keepends")[0]?.IsTrue ?? false),
        ["startswith"] = (self, arguments) => AnyOf(arguments, part => self.Value.StartsWith(part, StringComparison.Ordinal)),
        ["endswith"] = (self, arguments) => AnyOf(arguments, part => self.Value.EndsWith(part, StringComparison.Ordinal)),
        ["removeprefix"] = (self, arguments) => One(arguments) is var part && self.Value.StartsWith(part, StringComparison.Ordinal) ? new Text(self.Value[part.Length..]) : self,
        ["removesuffix"] = (self, arguments) => One(arguments) is var part && self.Value.EndsWith(part, StringComparison.Ordinal) ? new Text(self.Value[..^part.Length]) : self,
        ["replace"] = (self, arguments) =>
        {
            var bound = arguments.Bind("old", "new", "count");
            return Replace(self.Value, arguments.TextOf(bound[0]), arguments.TextOf(bound[1]), arguments.CountOf(bound[2], -1), arguments.Rendering);
        },
        ["count"] = (self, arguments) => new Integer(One(arguments) is { Length: > 0 } part ? Occurrences(self.Value, part) : self.Length!.Value + 1),
        ["find"] = (self, arguments) => Index(self.Value, self.Value.IndexOf(One(arguments), StringComparison.Ordinal)),
        ["rfind"] = (self, arguments) => Index(self.Value, self.Value.LastIndexOf(One(arguments), StringComparison.Ordinal)),
        ["index"] = (self, arguments) => self.Value.IndexOf(One(arguments), StringComparison.Ordinal) is >= 0 and var at
            ? Index(self.Value, at)
            : throw new TemplateException("substring not found"),
        ["join"] = (self, arguments) => Join(self.Value, (arguments.Bind("iterable")[0] ?? throw new TemplateException("join() wants a list")).Items.Select(item => arguments.TextOf(item)), arguments.Rendering),
        ["format"] = (self, arguments) => new Text(StringFormat.Braces(self.Value, arguments)),
        ["zfill"] = (self, arguments) => Pad(self, arguments.Bind("width")[0], arguments, width => self.Value is ['-' or '+', ..] ? self.Value[..1] + self.Value[1..].PadLeft(width - 1, '0') : self.Value.PadLeft(width, '0')),
        ["ljust"] = (self, arguments) => Pad(self, arguments.Bind("width")[0], arguments, self.Value.PadRight),
        ["rjust"] = (self, arguments) => Pad(self, arguments.Bind("width")[0], arguments, self.Value.PadLeft),
        ["center"] = (self, arguments) => Center(self, arguments),
        ["isalpha"] = (self, _) => Every(self, Rune.IsLetter),
        ["isdigit"] = (self, _) => Every(self, Rune.IsDigit),
        ["isdecimal"] = (self, _) => Every(self, Rune.IsDigit),
        ["isnumeric"] = (self, _) => Every(self, Rune.IsNumber),
        ["isalnum"] = (self, _) => Every(self, rune => Rune.IsLetter(rune) || Rune.IsNumber(rune)),
        ["isspace"] = (self, _) => Every(self, rune => rune.IsBmp && PythonText.IsSpace((char)rune.Value)),
        ["isupper"] = (self, _) => Values.Boolean.Of(self.Value == CaseMapping.Upper(self.Value) && self.Value != CaseMapping.Lower(self.Value)),
        ["islower"] = (self, _) => Values.Boolean.Of(self.Value == CaseMapping.Lower(self.Value) && self.Value != CaseMapping.Upper(self.Value)),
    };

    public static Method<Text>? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>Python's <c>strip</c> family; an argument is a set of characters.</summary>
    public static Text Strip(string text, Arguments arguments, bool start, bool end)
    {
        var set = arguments.Bind("chars")[0] is { } given and not None ? arguments.TextOf(given) : null;
        var rest = text.AsSpan();
        if (set is null)
        {
            rest = start ? PythonText.TrimStart(rest) : rest;
            rest = end ? PythonText.TrimEnd(rest) : rest;
        }
        else
        {
            var runes = set.EnumerateRunes().ToHashSet();
            while (start && Rune.DecodeFromUtf16(rest, out var rune, out var used) == System.Buffers.OperationStatus.Done && runes.Contains(rune))
            {
                rest = rest[used..];
            }

            while (end && Rune.DecodeLastFromUtf16(rest, out var rune, out var used) == System.Buffers.OperationStatus.Done && runes.Contains(rune))
            {
                rest = rest[..^used];
            }
        }

        return new Text(rest.ToString());
    }

    /// <summary>Python's <c>replace</c>; negative: every occurrence.</summary>
    public static Text Replace(string text, string old, string with, int most, Rendering rendering)
    {
        if (old.Length == 0)
        {
            throw new TemplateException("replacing nothing by something is not supported");
        }

        var count = most < 0 ? Occurrences(text, old) : Math.Min(most, Occurrences(text, old));
        rendering.Charge(text.Length + (count * (long)with.Length));
        var result = new StringBuilder();
        var from = 0;
        for (; count > 0; count--)
        {
            var at = text.IndexOf(old, from, StringComparison.Ordinal);
            result.Append(text, from, at - from).Append(with);
            from = at + old.Length;
        }

        return new Text(result.Append(text, from, text.Length - from).ToString());
    }

    /// <summary>Texts with a separator between them.</summary>
    public static Text Join(string separator, IEnumerable<string> texts, Rendering rendering)
    {
        var result = new StringBuilder();
        var first = true;
        foreach (var text in texts)
        {
            rendering.Write(result, first ? text : separator + text);
            first = false;
        }

        return new Text(result.ToString());
    }

    /// <summary>Fills up to a width, which is paid for first.</summary>
    public static Text Pad(Text text, Value? width, Arguments arguments, Func<int, string> pad)
    {
        var wanted = arguments.CountOf(width, 0);
        arguments.Rendering.Charge(Math.Max(0, wanted));
        // Widths are counted in code points, .NET's padding in UTF-16 units.
        return new Text(wanted <= text.Length ? text.Value : pad(wanted + text.Value.Length - text.Length!.Value));
    }

    public static Text Center(Text text, Arguments arguments)
    {
        var width = arguments.Bind("width")[0];
        return Pad(text, width, arguments, units =>
        {
            var missing = units - text.Value.Length;
            var left = (missing / 2) + (missing & arguments.CountOf(width, 0) & 1); // where CPython puts the odd one
            return new string(' ', left) + text.Value + new string(' ', missing - left);
        });
    }

    /// <summary>Python's line ends; a last empty line is none.</summary>
    public static Sequence Lines(string text, bool keepEnds)
    {
        var lines = new List<Value>();
        for (var from = 0; from < text.Length;)
        {
            var end = text.AsSpan(from).IndexOfAny(LineEnds);
            end = end < 0 ? text.Length : from + end;
            var next = end == text.Length ? end : end + (text.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
            lines.Add(new Text(text[from..(keepEnds ? next : end)]));
            from = next;
        }

        return new Sequence(lines);
    }

    private static Sequence Split(string text, Arguments arguments, bool fromEnd)
    {
        var bound = arguments.Bind("sep", "maxsplit");
        var most = arguments.CountOf(bound[1], -1);
        most = most < 0 ? int.MaxValue : most;
        var separator = bound[0] is null or None ? null : arguments.TextOf(bound[0]);
        IReadOnlyList<string> parts = separator switch
        {
            null => SplitOnSpace(text, most, fromEnd),
            "" => throw new TemplateException("empty separator"),
            _ when fromEnd => SplitFromEnd(text, separator, most),
            _ => text.Split(separator, most == int.MaxValue ? most : most + 1),
        };
        return new Sequence([.. parts.Select(part => new Text(part))]);
    }

    private static List<string> SplitFromEnd(string text, string separator, int most)
    {
        var parts = new List<string>();
        var end = text.Length;
        for (int at; parts.Count < most && (at = text.AsSpan(0, end).LastIndexOf(separator)) >= 0; end = at)
        {
            parts.Add(text[(at + separator.Length)..end]);
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    private static List<string> SplitOnSpace(string text, int most, bool fromEnd)
    {
        var words = new List<Range>();
        for (var at = 0; at < text.Length;)
        {
            var start = at + (text.Length - at - PythonText.TrimStart(text.AsSpan(at)).Length);
            for (at = start; at < text.Length && !PythonText.IsSpace(text[at]); at++)
            {
            }

            if (at > start)
            {
                words.Add(start..at);
            }
        }

        if (words.Count - 1 > most)
        {
            // What is beyond the allowed cuts stays in one piece.
            var (first, count) = fromEnd ? (0, words.Count - most) : (most, words.Count - most);
            var rest = words[first].Start..words[first + count - 1].End;
            words.RemoveRange(first, count);
            words.Insert(first, rest);
        }

        return [.. words.Select(word => text[word])];
    }

    private static int Occurrences(string text, string part)
    {
        var count = 0;
        for (var at = 0; (at = text.IndexOf(part, at, StringComparison.Ordinal)) >= 0; at += part.Length)
        {
            count++;
        }

        return count;
    }

    private static string One(Arguments arguments) => arguments.TextOf(arguments.Bind("value")[0]);

    private static Integer Index(string text, int at) => new(at < 0 ? -1 : new Text(text[..at]).Length!.Value);

    private static Values.Boolean AnyOf(Arguments arguments, Func<string, bool> matches) => Values.Boolean.Of(
        arguments.Bind("value")[0] is Sequence { IsTuple: true } several
            ? several.List.Any(part => matches(arguments.TextOf(part)))
            : matches(One(arguments)));

    private static Values.Boolean Every(Text text, Func<Rune, bool> holds) =>
        Values.Boolean.Of(text.Value.Length > 0 && text.Value.EnumerateRunes().All(holds));
}
