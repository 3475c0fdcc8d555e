namespace ProxyReward.Models.ChatTemplates.Values;

/// <summary>What a loop knows about itself. In a recursive loop it can be called.</summary>
/// <param name="items">What is looped over.</param>
/// <param name="depth">0 for the outermost of a recursive loop.</param>
/// <param name="recurse">Runs the loop over another list; null where it is not recursive.</param>
internal sealed class Loop(IReadOnlyList<Value> items, int depth, Func<Value, Value>? recurse) : Value
{
    private Value? lastSeen;

    public int Index0 { get; set; }
    public override string TypeName => "LoopContext";

    /// <summary>The loop as a function.</summary>
    public Function AsFunction() => recurse is null
        ? throw new TemplateException("the loop is called, but it is not marked 'recursive'")
        : new Function("loop", arguments => recurse(arguments.Bind("items")[0] ?? throw new TemplateException("loop() wants a list")));

    public override Value? Item(Value key) => key is not Text name ? null : name.Value switch
    {
        "index" => Count(Index0 + 1),
        "index0" => Count(Index0),
        "revindex" => Count(items.Count - Index0),
        "revindex0" => Count(items.Count - Index0 - 1),
        "first" => Boolean.Of(Index0 == 0),
        "last" => Boolean.Of(Index0 == items.Count - 1),
        "length" => Count(items.Count),
        "depth" => Count(depth + 1),
        "depth0" => Count(depth),
        "previtem" => Index0 > 0 ? items[Index0 - 1] : new Undefined("there is no previous item"),
        "nextitem" => Index0 + 1 < items.Count ? items[Index0 + 1] : new Undefined("there is no next item"),
        "cycle" => new Function("loop.cycle", arguments => arguments.Positional is []
            ? throw new TemplateException("loop.cycle() wants values")
            : arguments.Positional[Index0 % arguments.Positional.Count]),
        "changed" => new Function("loop.changed", Changed),
        _ => null,
    };

    private static Integer Count(int value) => new(value);

    private Boolean Changed(Arguments arguments)
    {
        var seen = new Sequence(arguments.Positional, isTuple: true);
        var changed = !seen.Equals(lastSeen);
        lastSeen = seen;
        return Boolean.Of(changed);
    }
}
