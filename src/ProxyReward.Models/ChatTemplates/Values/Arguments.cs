namespace ProxyReward.Models.ChatTemplates.Values;

/// <summary>What a filter, test, method or function is called with.</summary>
/// <param name="Rendering">The rendering it is called in.</param>
/// <param name="Callee">Its name, for messages.</param>
/// <param name="Positional">Arguments by place.</param>
/// <param name="Named">Arguments by name.</param>
internal sealed record Arguments(
    Rendering Rendering, string Callee, IReadOnlyList<Value> Positional, IReadOnlyDictionary<string, Value> Named)
{
    /// <summary>The arguments of the parameters of these names, null where one is not given; any other argument is an error.</summary>
    public Value?[] Bind(params ReadOnlySpan<string> names)
    {
        if (Positional.Count > names.Length)
        {
            throw new TemplateException($"{Callee} takes at most {names.Length} arguments, not {Positional.Count}");
        }

        var bound = new Value?[names.Length];
        for (var i = 0; i < Positional.Count; i++)
        {
            bound[i] = Positional[i];
        }

        foreach (var (name, value) in Named)
        {
            var index = names.IndexOf(name);
            if (index < 0 || bound[index] is not null)
            {
                throw new TemplateException($"{Callee} has no argument '{name}', or it is given twice");
            }

            bound[index] = value;
        }

        return bound;
    }

    /// <summary>The text of an argument that must be one.</summary>
    public string TextOf(Value? value) => value is Text text ? text.Value : throw Wrong(value, "a string");

    /// <summary>The integer of an argument that must be one and of a size that counts something.</summary>
    public int CountOf(Value? value, int absent) => value is null ? absent
        : Numbers.IsInteger(value, out var number) && number >= -int.MaxValue && number <= int.MaxValue ? (int)number
        : throw Wrong(value, "an integer");

    private TemplateException Wrong(Value? value, string wanted) =>
        new($"{Callee} wants {wanted}, not {(value is null ? "nothing" : $"'{value.TypeName}'")}");
}
