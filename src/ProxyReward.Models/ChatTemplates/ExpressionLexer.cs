using System.Globalization;
using System.Text;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>Cuts what stands inside a tag into names, literals and operators.</summary>
internal sealed class ExpressionLexer(string source, List<Token> tokens)
{
    private static readonly string[] Operators =
    [
        "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",",
    ];

    private readonly List<int> lineStarts = [0, .. Enumerable.Range(0, source.Length).Where(i => source[i] == '\n').Select(i => i + 1)];

    /// <summary>The line and column of an offset.</summary>
    public Position PositionOf(int offset)
    {
        var found = lineStarts.BinarySearch(offset);
        var line = found >= 0 ? found : ~found - 1;
        return new Position(line + 1, offset - lineStarts[line] + 1);
    }

    /// <summary>Reads to the end of the tag.</summary>
    /// <param name="at">The first character inside.</param>
    /// <param name="end">What closes the tag.</param>
    /// <param name="sign">The sign before the close, if there is one.</param>
    /// <returns>The offset behind the tag.</returns>
    public int Read(int at, string end, out char sign)
    {
        var start = at;
        var open = new Stack<char>(); // inside brackets }} closes dictionaries, not the tag
        while (at < source.Length)
        {
            var symbol = source[at];
            if (PythonText.IsSpace(symbol))
            {
                at++;
                continue;
            }

            sign = symbol is '-' || (symbol is '+' && end == "%}") ? symbol : '\0';
            var close = sign == '\0' ? at : at + 1;
            if (open.Count == 0 && string.CompareOrdinal(source, close, end, 0, end.Length) == 0)
            {
                return close + end.Length;
            }

            at = symbol is '\'' or '"' ? ReadString(at)
                : char.IsAsciiDigit(symbol) ? ReadNumber(at)
                : IsNameStart(symbol) ? ReadName(at)
                : ReadOperator(at, open);
        }

        throw new TemplateException($"this tag has no '{end}'", PositionOf(Math.Max(0, start - 2)));
    }

    private static bool IsNameStart(char symbol) => symbol == '_' || char.IsLetter(symbol) || char.IsSurrogate(symbol);

    private void Add(TokenKind kind, string text, int at) => tokens.Add(new Token(kind, text, PositionOf(at)));

    private int ReadName(int at)
    {
        var end = at + 1;
        while (end < source.Length && (IsNameStart(source[end]) || char.IsDigit(source[end])
            || char.GetUnicodeCategory(source[end]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
        {
            end++;
        }

        Add(TokenKind.Name, source[at..end], at);
        return end;
    }

    private int ReadOperator(int at, Stack<char> open)
    {
        var found = Operators.FirstOrDefault(op => string.CompareOrdinal(source, at, op, 0, op.Length) == 0)
            ?? throw new TemplateException($"'{source[at]}' has no meaning here", PositionOf(at));
        switch (found)
        {
            case "(" or "[" or "{":
                open.Push(found switch { "(" => ')', "[" => ']', _ => '}' });
                break;
            case ")" or "]" or "}" when !open.TryPop(out var expected) || expected != found[0]:
                throw new TemplateException($"'{found}' closes nothing that was opened", PositionOf(at));
        }

        Add(TokenKind.Operator, found, at);
        return at + found.Length;
    }

    private int ReadNumber(int at)
    {
        var end = at;
        if (source[at] == '0' && at + 2 < source.Length && char.ToLowerInvariant(source[at + 1]) is 'x' or 'o' or 'b' && char.IsAsciiHexDigit(source[at + 2]))
        {
            for (end = at + 2; end < source.Length && (char.IsAsciiHexDigit(source[end]) || source[end] == '_'); end++)
            {
            }

            Add(TokenKind.Integer, source[at..end].Replace("_", "", StringComparison.Ordinal), at);
            return end;
        }

        var kind = TokenKind.Integer;
        end = Digits(at);
        // After a dot ("items.0.1") a number is an index, never a fraction.
        if (tokens.Count == 0 || !tokens[^1].IsOperator(".") || at == 0 || source[at - 1] != '.')
        {
            if (end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
            {
                (kind, end) = (TokenKind.Float, Digits(end + 1));
            }

            var exponent = end + 1 < source.Length && source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (end < source.Length && source[end] is 'e' or 'E' && exponent < source.Length && char.IsAsciiDigit(source[exponent]))
            {
                (kind, end) = (TokenKind.Float, Digits(exponent));
            }
        }

        Add(kind, source[at..end].Replace("_", "", StringComparison.Ordinal), at);
        return end;
    }

    private int Digits(int at)
    {
        while (at < source.Length && (char.IsAsciiDigit(source[at]) || (source[at] == '_' && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1]))))
        {
            at++;
        }

        return at;
    }

    private int ReadString(int at)
    {
        var text = new StringBuilder();
        for (var i = at + 1; i < source.Length; i++)
        {
            if (source[i] == source[at])
            {
                Add(TokenKind.String, text.ToString(), at);
                return i + 1;
            }

            if (source[i] == '\\' && i + 1 < source.Length)
            {
                i = Unescape(i + 1, text);
            }
            else
            {
                text.Append(source[i]);
            }
        }

        throw new TemplateException("this string has no closing quote", PositionOf(at));
    }

    /// <summary>Python's escapes; an unknown one keeps its backslash. Returns the offset of the last character used.</summary>
    private int Unescape(int at, StringBuilder text)
    {
        const string Plain = "\\'\"abfnrtv";
        const string Meant = "\\'\"\a\b\f\n\r\t\v";
        var symbol = source[at];
        if (Plain.IndexOf(symbol, StringComparison.Ordinal) is >= 0 and var index)
        {
            text.Append(Meant[index]);
            return at;
        }

        switch (symbol)
        {
            case '\n':
                return at;
            case 'x' or 'u' or 'U':
                var digits = symbol switch { 'x' => 2, 'u' => 4, _ => 8 };
                if (at + digits >= source.Length
                    || !uint.TryParse(source.AsSpan(at + 1, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code)
                    || !Rune.TryCreate(code, out var rune))
                {
                    throw new TemplateException($"'\\{symbol}' wants {digits} hexadecimal digits of a character", PositionOf(at - 1));
                }

                text.Append(rune.ToString());
                return at + digits;
            case >= '0' and <= '7':
                var value = 0;
                var end = at;
                for (; end < source.Length && end < at + 3 && source[end] is >= '0' and <= '7'; end++)
                {
                    value = (value * 8) + source[end] - '0';
                }

                text.Append((char)value);
                return end - 1;
            default:
                text.Append('\\').Append(symbol);
                return at;
        }
    }
}
