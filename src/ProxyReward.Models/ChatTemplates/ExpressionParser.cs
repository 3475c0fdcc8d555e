namespace ProxyReward.Models.ChatTemplates;

/// <summary>
/// Expressions, by Jinja's precedence: if-else, or, and, not, comparisons, + -, ~, * / // %, **, sign, then subscripts, filters and tests.
/// </summary>
internal sealed partial class ExpressionParser(TokenStream tokens)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    // Loosest first; all of them, ** too, take their left side first.
    private static readonly string[][] BinaryOperators = [["+", "-"], ["~"], ["*", "/", "//", "%"], ["**"]];

    /// <summary>Every name that was read since it was last emptied; macros ask whether theirs use varargs.</summary>
    public HashSet<string> NamesUsed { get; set; } = [];

    /// <summary>An expression, or a tuple without parentheses.</summary>
    public Expression ParseTuple()
    {
        var position = tokens.Current.Position;
        var first = Parse();
        if (!tokens.Current.IsOperator(","))
        {
            return first;
        }

        var items = new List<Expression> { first };
        while (tokens.SkipOperator(",") && !(tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.VariableEnd || tokens.Current.IsOperator(")")))
        {
            items.Add(Parse());
        }

        return new ListLiteral(position, items, isTuple: true);
    }

    /// <summary>An expression.</summary>
    public Expression Parse() => tokens.Nested(ParseConditional);

    /// <summary>An expression without if-else; what a loop runs over, where "if" means something else.</summary>
    public Expression ParseOr()
    {
        var position = tokens.Current.Position;
        var left = ParseAnd();
        while (tokens.SkipName("or"))
        {
            left = new Logical(position, left, ParseAnd(), isAnd: false);
        }

        return left;
    }

    private Expression ParseConditional()
    {
        var position = tokens.Current.Position;
        var expression = ParseOr();
        while (tokens.SkipName("if"))
        {
            var condition = ParseOr();
            expression = new Conditional(position, condition, expression, tokens.SkipName("else") ? Parse() : null);
        }

        return expression;
    }

    private Expression ParseAnd()
    {
        var position = tokens.Current.Position;
        var left = ParseNot();
        while (tokens.SkipName("and"))
        {
            left = new Logical(position, left, ParseNot(), isAnd: true);
        }

        return left;
    }

    private Expression ParseNot()
    {
        var position = tokens.Current.Position;
        return tokens.SkipName("not") ? new Not(position, tokens.Nested(ParseNot)) : ParseComparison();
    }

    private Expression ParseComparison()
    {
        var position = tokens.Current.Position;
        var first = ParseBinary(0);
        var rest = new List<(string, Expression)>();
        while (true)
        {
            var token = tokens.Current;
            if (token.Kind == TokenKind.Operator && Comparisons.Contains(token.Text))
            {
                tokens.Take();
                rest.Add((token.Text, ParseBinary(0)));
            }
            else if (tokens.SkipName("in"))
            {
                rest.Add(("in", ParseBinary(0)));
            }
            else if (token.IsName("not") && tokens.Following.IsName("in"))
            {
                tokens.Take();
                tokens.Take();
                rest.Add(("not in", ParseBinary(0)));
            }
            else
            {
                return rest.Count == 0 ? first : new Comparison(position, first, rest);
            }
        }
    }

    private Expression ParseBinary(int level)
    {
        if (level == BinaryOperators.Length)
        {
            return ParseSigned(withFilters: true);
        }

        var left = ParseBinary(level + 1);
        while (tokens.Current.Kind == TokenKind.Operator && BinaryOperators[level].Contains(tokens.Current.Text))
        {
            var symbol = tokens.Take();
            left = new Binary(symbol.Position, symbol.Text, left, ParseBinary(level + 1));
        }

        return left;
    }

    private Expression ParseSigned(bool withFilters)
    {
        var token = tokens.Current;
        var expression = tokens.SkipOperator("-") || tokens.SkipOperator("+")
            ? new Sign(token.Position, tokens.Nested(() => ParseSigned(withFilters: false)), token.Text == "-")
            : ParsePrimary();
        expression = ParsePostfix(expression);
        while (withFilters)
        {
            if (tokens.SkipOperator("|"))
            {
                expression = ParseFilter(expression);
            }
            else if (tokens.SkipName("is"))
            {
                expression = ParseTest(expression);
            }
            else if (tokens.Current.IsOperator("("))
            {
                expression = new Call(tokens.Current.Position, expression, ParseArguments());
            }
            else
            {
                break;
            }
        }

        return expression;
    }
}
