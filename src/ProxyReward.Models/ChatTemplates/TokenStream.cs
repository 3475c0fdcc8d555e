namespace ProxyReward.Models.ChatTemplates;

/// <summary>Tokens one after another.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    private const int MostNested = 500;

    private int at;
    private int nested;

    public Token Current => tokens[at];

    /// <summary>The token after the current one.</summary>
    public Token Following => tokens[Math.Min(at + 1, tokens.Count - 1)];

    public Token Take()
    {
        var token = tokens[at];
        at = Math.Min(at + 1, tokens.Count - 1);
        return token;
    }

    public bool SkipOperator(string text) => Skip(Current.IsOperator(text));

    public bool SkipName(string text) => Skip(Current.IsName(text));

    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
        {
            throw Unexpected($"'{text}'");
        }
    }

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    public TemplateException Unexpected(string wanted) => new($"{wanted} was expected, not {Current.Description}", Current.Position);

    /// <summary>Parses what may hold its like inside it; so deep only, for the stack is finite.</summary>
    public T Nested<T>(Func<T> parse)
    {
        if (++nested > MostNested)
        {
            throw new TemplateException("the template is nested too deep", Current.Position);
        }

        var result = parse();
        nested--;
        return result;
    }

    private bool Skip(bool matches)
    {
        if (matches)
        {
            Take();
        }

        return matches;
    }
}
