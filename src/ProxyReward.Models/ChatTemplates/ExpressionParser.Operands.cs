using System.Globalization;
using System.Numerics;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <content>What operators stand between: literals, names, subscripts, calls, filters and tests.</content>
internal sealed partial class ExpressionParser
{
    /// <summary>One or more filters after a bar, as a block has them.</summary>
    public List<FilterCall> ParseFilters()
    {
        var filters = new List<FilterCall>();
        do
        {
            filters.Add(ParseFilter(input: null));
        }
        while (tokens.SkipOperator("|"));
        return filters;
    }

    /// <summary>Arguments in parentheses.</summary>
    public ArgumentList ParseArguments()
    {
        var arguments = new ArgumentList([], []);
        tokens.ExpectOperator("(");
        while (!tokens.SkipOperator(")"))
        {
            if (tokens.Current.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
            {
                var name = tokens.Take();
                tokens.Take();
                if (arguments.Named.Exists(argument => argument.Name == name.Text))
                {
                    throw new TemplateException($"the argument '{name.Text}' is given twice", name.Position);
                }

                arguments.Named.Add((name.Text, Parse()));
            }
            else
            {
                arguments.Positional.Add(arguments.Named.Count == 0 ? Parse() : throw tokens.Unexpected("an argument with a name"));
            }

            if (!tokens.Current.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return arguments;
    }

    private Expression ParsePrimary()
    {
        var token = tokens.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                NamesUsed.Add(token.Text);
                return token.Text switch
                {
                    "true" or "True" => new Literal(token.Position, Values.Boolean.True),
                    "false" or "False" => new Literal(token.Position, Values.Boolean.False),
                    "none" or "None" => new Literal(token.Position, None.Value),
                    _ => new Name(token.Position, token.Text),
                };
            case TokenKind.String:
                var text = token.Text;
                while (tokens.Current.Kind == TokenKind.String)
                {
                    text += tokens.Take().Text;
                }

                return new Literal(token.Position, new Text(text));
            case TokenKind.Integer:
                return new Literal(token.Position, ReadInteger(token));
            case TokenKind.Float:
                return new Literal(token.Position, new Real(double.Parse(token.Text, CultureInfo.InvariantCulture)));
            case TokenKind.Operator when token.Text == "(":
                if (tokens.SkipOperator(")"))
                {
                    return new ListLiteral(token.Position, [], isTuple: true);
                }

                var inner = ParseTuple();
                tokens.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return new ListLiteral(token.Position, ParseUntil("]", Parse), isTuple: false);
            case TokenKind.Operator when token.Text == "{":
                return new DictLiteral(token.Position, ParseUntil("}", ParseEntry));
            default:
                throw new TemplateException($"an expression was expected, not {token.Description}", token.Position);
        }
    }

    private (Expression Key, Expression Value) ParseEntry()
    {
        var key = Parse();
        tokens.ExpectOperator(":");
        return (key, Parse());
    }

    private List<T> ParseUntil<T>(string close, Func<T> parse)
    {
        var items = new List<T>();
        while (!tokens.SkipOperator(close))
        {
            items.Add(parse());
            if (!tokens.Current.IsOperator(close))
            {
                tokens.ExpectOperator(",");
            }
        }

        return items;
    }

    private Expression ParsePostfix(Expression expression)
    {
        while (true)
        {
            var position = tokens.Current.Position;
            if (tokens.SkipOperator("."))
            {
                expression = tokens.Current.Kind == TokenKind.Integer
                    ? new Subscript(position, expression, new Literal(position, ReadInteger(tokens.Take())))
                    : new Attribute(position, expression, tokens.Expect(TokenKind.Name, "a name or number").Text);
            }
            else if (tokens.SkipOperator("["))
            {
                expression = ParseSubscript(position, expression);
                tokens.ExpectOperator("]");
            }
            else if (tokens.Current.IsOperator("("))
            {
                expression = new Call(position, expression, ParseArguments());
            }
            else
            {
                return expression;
            }
        }
    }

    private Expression ParseSubscript(Position position, Expression owner)
    {
        var first = Bound();
        if (!tokens.SkipOperator(":"))
        {
            return new Subscript(position, owner, first ?? throw tokens.Unexpected("an index"));
        }

        var to = Bound();
        return new Slice(position, owner, first, to, tokens.SkipOperator(":") ? Bound() : null);

        Expression? Bound() => tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]") ? null : ParseTuple();
    }

    private FilterCall ParseFilter(Expression? input)
    {
        var name = tokens.Expect(TokenKind.Name, "the name of a filter");
        var filter = Filters.Find(name.Text) ?? throw new TemplateException($"there is no filter '{name.Text}'", name.Position);
        return new FilterCall(name.Position, input, name.Text, filter, tokens.Current.IsOperator("(") ? ParseArguments() : ArgumentList.Empty);
    }

    private Expression ParseTest(Expression input)
    {
        var negated = tokens.SkipName("not");
        var name = tokens.Expect(TokenKind.Name, "the name of a test");
        var test = Tests.Find(name.Text) ?? throw new TemplateException($"there is no test '{name.Text}'", name.Position);
        var arguments = tokens.Current.IsOperator("(") ? ParseArguments()
            : TakesArgument() ? new ArgumentList([ParsePostfix(ParsePrimary())], [])
            : ArgumentList.Empty;
        Expression call = new TestCall(name.Position, input, name.Text, test, arguments);
        return negated ? new Not(name.Position, call) : call;

        // "x is divisibleby 3": one argument may stand without parentheses, if it cannot be the next operator.
        bool TakesArgument() => tokens.Current.Kind switch
        {
            TokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not"),
            TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
            TokenKind.Operator => tokens.Current.Text is "[" or "{",
            _ => false,
        };
    }

    private static Integer ReadInteger(Token token)
    {
        var text = token.Text;
        try
        {
            var (digits, shift) = text switch
            {
                ['0', 'x' or 'X', ..] => (text[2..], 4),
                ['0', 'o' or 'O', ..] => (text[2..], 3),
                ['0', 'b' or 'B', ..] => (text[2..], 1),
                _ => (text, 0),
            };
            if (shift == 0)
            {
                return Numbers.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture));
            }

            var value = digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum << shift) + Convert.ToInt32(digit.ToString(), 1 << shift));
            return Numbers.Of(value);
        }
        catch (FormatException)
        {
            throw new TemplateException($"'{text}' is no number", token.Position);
        }
    }
}
