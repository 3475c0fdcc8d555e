namespace ProxyReward.Models.ChatTemplates;

/// <summary>Tags. What is not among them (include, import, do, …) is an error with its place.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream tokens;
    private readonly ExpressionParser expressions;
    private int loops;

    private StatementParser(List<Token> list)
    {
        tokens = new TokenStream(list);
        expressions = new ExpressionParser(tokens);
    }

    /// <returns>The template, and every name that it reads.</returns>
    public static (Body Body, IReadOnlySet<string> Names) Parse(string template)
    {
        var parser = new StatementParser(Lexer.Tokenize(template));
        return (parser.ParseBody(opener: null), parser.expressions.NamesUsed);
    }

    /// <summary>Statements up to one of the closing tags, whose name is left as the current token; the whole template without an opener.</summary>
    private Body ParseBody(Token? opener, params string[] closers) => tokens.Nested(() => ParseStatements(opener, closers));

    private Body ParseStatements(Token? opener, string[] closers)
    {
        var statements = new List<Statement>();
        while (true)
        {
            var token = tokens.Take();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new Data(token.Text));
                    break;
                case TokenKind.VariableBegin:
                    statements.Add(new Print(expressions.ParseTuple()));
                    tokens.Expect(TokenKind.VariableEnd, "the end of the expression '}}'");
                    break;
                case TokenKind.BlockBegin when tokens.Current.Kind == TokenKind.Name && closers.Contains(tokens.Current.Text):
                    return new Body(statements);
                case TokenKind.BlockBegin:
                    statements.Add(ParseStatement());
                    break;
                case TokenKind.End when opener is null:
                    return new Body(statements);
                default:
                    throw new TemplateException($"this '{opener?.Text}' has no '{closers[^1]}'", opener?.Position);
            }
        }
    }

    private Statement ParseStatement()
    {
        var tag = tokens.Expect(TokenKind.Name, "the name of a tag");
        return tag.Text switch
        {
            "if" => ParseIf(tag),
            "for" => ParseFor(tag),
            "set" => ParseSet(tag),
            "macro" => ParseMacro(tag),
            "call" => ParseCall(tag),
            "filter" => ParseFilter(tag),
            "with" => ParseWith(tag),
            "generation" => new With([], ParseBlock(tag, "endgeneration")),
            "break" when loops > 0 => ParseJump(Flow.Break),
            "continue" when loops > 0 => ParseJump(Flow.Continue),
            _ => throw new TemplateException($"the tag '{tag.Text}' is unknown here", tag.Position),
        };
    }

    /// <summary>The rest of an opening tag's end, a body, and its closing tag.</summary>
    private Body ParseBlock(Token tag, string closer)
    {
        EndTag();
        var body = ParseBody(tag, closer);
        tokens.Take();
        EndTag();
        return body;
    }

    private void EndTag() => tokens.Expect(TokenKind.BlockEnd, "the end of the tag '%}'");

    private Jump ParseJump(Flow flow)
    {
        EndTag();
        return new Jump(flow);
    }

    private If ParseIf(Token tag)
    {
        var branches = new List<(Expression, Body)>();
        Body? otherwise = null;
        while (true)
        {
            var condition = expressions.ParseTuple();
            EndTag();
            branches.Add((condition, ParseBody(tag, "elif", "else", "endif")));
            var next = tokens.Take();
            if (next.Text == "elif")
            {
                continue;
            }

            if (next.Text == "else")
            {
                otherwise = ParseBlock(tag, "endif");
                return new If(branches, otherwise);
            }

            EndTag();
            return new If(branches, otherwise);
        }
    }

    private For ParseFor(Token tag)
    {
        var target = ParseTarget(withAttribute: false);
        if (!tokens.SkipName("in"))
        {
            throw tokens.Unexpected("'in'");
        }

        var source = expressions.ParseOr();
        var condition = tokens.SkipName("if") ? expressions.Parse() : null;
        var isRecursive = tokens.SkipName("recursive");
        EndTag();
        loops++;
        var body = ParseBody(tag, "else", "endfor");
        loops--;
        if (tokens.Take().Text == "else")
        {
            return new For(target, source, condition, isRecursive, body, ParseBlock(tag, "endfor"));
        }

        EndTag();
        return new For(target, source, condition, isRecursive, body, otherwise: null);
    }

    private Statement ParseSet(Token tag)
    {
        var target = ParseTarget(withAttribute: true);
        if (tokens.SkipOperator("="))
        {
            var value = expressions.ParseTuple();
            EndTag();
            return new Set(target, value);
        }

        var filters = tokens.SkipOperator("|") ? expressions.ParseFilters() : [];
        return new SetBlock(target, filters, ParseBlock(tag, "endset"));
    }

    private Target ParseTarget(bool withAttribute)
    {
        var inParentheses = tokens.SkipOperator("(");
        var first = tokens.Expect(TokenKind.Name, "a name");
        var names = new List<string> { first.Text };
        if (withAttribute && !inParentheses && tokens.SkipOperator("."))
        {
            return new Target(first.Position, names, Unpacks: false, tokens.Expect(TokenKind.Name, "a name").Text);
        }

        var unpacks = false;
        while (tokens.SkipOperator(","))
        {
            unpacks = true;
            if (tokens.Current.Kind == TokenKind.Name && !tokens.Current.IsName("in"))
            {
                names.Add(tokens.Take().Text);
            }
        }

        if (inParentheses)
        {
            tokens.ExpectOperator(")");
        }

        return names.Find(name => name is "true" or "false" or "none" or "True" or "False" or "None") is { } constant
            ? throw new TemplateException($"'{constant}' cannot be assigned to", first.Position)
            : new Target(first.Position, names, unpacks, Attribute: null);
    }

    private Macro ParseMacro(Token tag)
    {
        var name = tokens.Expect(TokenKind.Name, "the name of the macro").Text;
        var (signature, body) = ParseMacroBody(tag, ParseParameters(), "endmacro");
        return new Macro(name, signature, body);
    }

    private CallBlock ParseCall(Token tag)
    {
        var parameters = tokens.Current.IsOperator("(") ? ParseParameters() : [];
        var call = expressions.Parse() as Call ?? throw new TemplateException("'call' wants the call of a macro", tag.Position);
        var (signature, body) = ParseMacroBody(tag, parameters, "endcall");
        return new CallBlock(signature, call, body);
    }

    private List<(string, Expression?)> ParseParameters()
    {
        var parameters = new List<(string, Expression?)>();
        tokens.ExpectOperator("(");
        while (!tokens.SkipOperator(")"))
        {
            var name = tokens.Expect(TokenKind.Name, "a parameter").Text;
            parameters.Add((name, tokens.SkipOperator("=") ? expressions.Parse() : null));
            if (!tokens.Current.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return parameters;
    }

    private (Signature Signature, Body Body) ParseMacroBody(Token tag, List<(string, Expression?)> parameters, string closer)
    {
        var (outerNames, outerLoops) = (expressions.NamesUsed, loops);
        (expressions.NamesUsed, loops) = ([], 0); // a macro inside a loop cannot break it
        var body = ParseBlock(tag, closer);
        var signature = new Signature(parameters, expressions.NamesUsed);
        outerNames.UnionWith(expressions.NamesUsed);
        (expressions.NamesUsed, loops) = (outerNames, outerLoops);
        return (signature, body);
    }

    private FilterBlock ParseFilter(Token tag)
    {
        var filters = expressions.ParseFilters();
        return new FilterBlock(filters, ParseBlock(tag, "endfilter"));
    }

    private With ParseWith(Token tag)
    {
        var values = new List<(Target, Expression)>();
        while (tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (values.Count > 0)
            {
                tokens.ExpectOperator(",");
            }

            var name = tokens.Expect(TokenKind.Name, "a name");
            tokens.ExpectOperator("=");
            values.Add((new Target(name.Position, [name.Text], Unpacks: false, Attribute: null), expressions.Parse()));
        }

        return new With(values, ParseBlock(tag, "endwith"));
    }
}
