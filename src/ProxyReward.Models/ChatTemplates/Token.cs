namespace ProxyReward.Models.ChatTemplates;

/// <summary>What a token of a template is.</summary>
internal enum TokenKind
{
    /// <summary>Text between the tags.</summary>
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>One token. For strings the text is the value, escapes undone.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, Position Position)
{
    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    public bool IsName(string text) => Kind == TokenKind.Name && Text == text;

    /// <summary>How messages call it.</summary>
    public string Description => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.BlockEnd => "the end of the tag '%}'",
        TokenKind.VariableEnd => "the end of the expression '}}'",
        TokenKind.Data => "text",
        TokenKind.BlockBegin => "'{%'",
        TokenKind.VariableBegin => "'{{'",
        _ => $"'{Text}'",
    };
}
