namespace ProxyReward.Models.ChatTemplates;

/// <summary>
/// Cuts a template into tokens as Jinja does with <c>trim_blocks</c> and <c>lstrip_blocks</c>, which chat templates are written for:
/// the newline after a tag goes, and so do blanks before a tag that begins its line; <c>-</c> takes all white space, <c>+</c> none.
/// </summary>
internal sealed class Lexer
{
    private readonly string source;
    private readonly List<Token> tokens = [];
    private readonly ExpressionLexer expressions;
    private int at;

    private Lexer(string source)
    {
        this.source = source;
        expressions = new ExpressionLexer(source, tokens);
    }

    public static List<Token> Tokenize(string template)
    {
        var unix = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new Lexer(unix.EndsWith('\n') ? unix[..^1] : unix);
        lexer.Run();
        return lexer.tokens;
    }

    private void Run()
    {
        var lineStarting = true; // whether what was consumed last ended a line
        while (at < source.Length)
        {
            var tag = NextTag(at);
            var kind = tag < source.Length ? source[tag + 1] : '\0';
            var sign = tag + 2 < source.Length ? source[tag + 2] : '\0';
            AddData(at, DataEnd(at, tag, kind, sign, lineStarting));
            if (tag == source.Length)
            {
                break;
            }

            at = tag + (sign is '-' or '+' && !(kind == '{' && sign == '+') ? 3 : 2);
            switch (kind)
            {
                case '#':
                    SkipComment(tag);
                    break;
                case '%' when RawContent(tag) is { } raw:
                    AddRaw(raw.Start, raw.End, raw.Sign);
                    break;
                default:
                    ReadTag(tag, kind == '%');
                    break;
            }

            lineStarting = source[at - 1] == '\n';
        }

        tokens.Add(new Token(TokenKind.End, "", expressions.PositionOf(source.Length)));
    }

    private int NextTag(int from)
    {
        while (true)
        {
            var brace = source.IndexOf('{', from);
            if (brace < 0 || brace + 1 >= source.Length)
            {
                return source.Length;
            }

            if (source[brace + 1] is '{' or '%' or '#')
            {
                return brace;
            }

            from = brace + 1;
        }
    }

    /// <summary>Where the text before a tag ends once the tag has taken its white space.</summary>
    private int DataEnd(int start, int tag, char kind, char sign, bool lineStarting)
    {
        if (sign == '-')
        {
            return start + PythonText.TrimEnd(source.AsSpan(start, tag - start)).Length;
        }

        if (kind is '%' or '#' && sign != '+')
        {
            var line = source.AsSpan(start, tag - start).LastIndexOf('\n') + 1 + start;
            if ((line > start || lineStarting) && PythonText.TrimEnd(source.AsSpan(line, tag - line)).IsEmpty)
            {
                return line;
            }
        }

        return tag;
    }

    private void AddData(int start, int end)
    {
        if (end > start)
        {
            tokens.Add(new Token(TokenKind.Data, source[start..end], expressions.PositionOf(start)));
        }
    }

    private void SkipComment(int tag)
    {
        var end = source.IndexOf("#}", at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new TemplateException("this comment has no '#}'", expressions.PositionOf(tag));
        }

        var sign = end > at ? source[end - 1] : '\0';
        at = end + 2;
        SkipSpace(sign, trimsNewline: true);
    }

    private void ReadTag(int tag, bool isBlock)
    {
        tokens.Add(new Token(isBlock ? TokenKind.BlockBegin : TokenKind.VariableBegin, "", expressions.PositionOf(tag)));
        at = expressions.Read(at, isBlock ? "%}" : "}}", out var sign);
        tokens.Add(new Token(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, "", expressions.PositionOf(at - 2)));
        SkipSpace(sign, trimsNewline: isBlock);
    }

    /// <summary>What the end of a tag takes of the text behind it.</summary>
    private void SkipSpace(char sign, bool trimsNewline)
    {
        if (sign == '-')
        {
            at = source.Length - PythonText.TrimStart(source.AsSpan(at)).Length;
        }
        else if (trimsNewline && sign != '+' && at < source.Length && source[at] == '\n')
        {
            at++;
        }
    }

    /// <summary>If the tag is <c>{% raw %}</c>: where its content lies, and how the end tag is signed.</summary>
    private (int Start, int End, char Sign)? RawContent(int tag)
    {
        if (WordTag(at, "raw") is not { } open)
        {
            return null;
        }

        at = open.End;
        if (open.Sign == '-')
        {
            SkipSpace('-', trimsNewline: false);
        }

        var start = at;
        for (var end = start; (end = source.IndexOf("{%", end, StringComparison.Ordinal)) >= 0; end += 2)
        {
            var sign = end + 2 < source.Length ? source[end + 2] : '\0';
            if (WordTag(end + (sign is '-' or '+' ? 3 : 2), "endraw") is { } close)
            {
                at = close.End;
                SkipSpace(close.Sign, trimsNewline: true);
                return (start, end, sign);
            }
        }

        throw new TemplateException("this 'raw' has no 'endraw'", expressions.PositionOf(tag));
    }

    private void AddRaw(int start, int end, char sign) => AddData(start, DataEnd(start, end, '%', sign, lineStarting: false));

    private (int End, char Sign)? WordTag(int from, string word)
    {
        var rest = source.AsSpan(from);
        var inner = PythonText.TrimStart(rest);
        if (!inner.StartsWith(word, StringComparison.Ordinal))
        {
            return null;
        }

        inner = PythonText.TrimStart(inner[word.Length..]);
        var sign = !inner.IsEmpty && inner[0] is '-' or '+' ? inner[0] : '\0';
        inner = sign == '\0' ? inner : inner[1..];
        return inner.StartsWith("%}", StringComparison.Ordinal) ? (source.Length - inner.Length + 2, sign) : null;
    }
}
