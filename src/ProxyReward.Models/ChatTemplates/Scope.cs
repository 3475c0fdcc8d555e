using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>
/// Names and their values. Loops, macros and blocks have a scope of their own, which reads through to the one around it and never
/// writes to it; an <c>if</c> has none.
/// </summary>
internal sealed class Scope(Rendering rendering, Scope? outer = null)
{
    private readonly Dictionary<string, Value> values = [];

    public Rendering Rendering { get; } = rendering;

    public Scope Inner() => new(Rendering, this);

    /// <summary>The nearest value of a name, or null.</summary>
    public Value? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.values.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    public void Set(string name, Value value) => values[name] = value;

    private Scope? Outer { get; } = outer;
}
