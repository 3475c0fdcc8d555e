using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>The parameters of a macro or of a call block.</summary>
/// <param name="Parameters">Names, with defaults that are evaluated at each call.</param>
/// <param name="Names">Every name that the body uses: surplus arguments are accepted only where it uses varargs or kwargs.</param>
internal sealed record Signature(List<(string Name, Expression? Default)> Parameters, IReadOnlySet<string> Names)
{
    /// <summary>Binds the arguments and gives what the body writes.</summary>
    public Value Run(Arguments arguments, Scope definition, Body body)
    {
        var scope = definition.Inner();
        var surplus = arguments.Positional.Skip(Parameters.Count).ToList();
        var named = new OrderedDictionary<Value, Value>(arguments.Named.Select(entry => KeyValuePair.Create<Value, Value>(new Text(entry.Key), entry.Value)));
        if (named.Remove(new Text("caller"), out var caller))
        {
            scope.Set("caller", caller);
        }

        for (var i = 0; i < Parameters.Count; i++)
        {
            var (name, absent) = Parameters[i];
            var isNamed = named.Remove(new Text(name), out var value);
            if (i < arguments.Positional.Count)
            {
                value = isNamed ? throw new TemplateException($"macro '{arguments.Callee}' got the argument '{name}' twice") : arguments.Positional[i];
            }

            scope.Set(name, value ?? absent?.Evaluate(scope) ?? new Undefined($"parameter '{name}' was not provided"));
        }

        Accept("varargs", surplus.Count, () => new Sequence(surplus, isTuple: true));
        Accept("kwargs", named.Count, () => new Mapping(named));
        return arguments.Rendering.Nested(() => body.Capture(scope));

        void Accept(string name, int count, Func<Value> rest)
        {
            if (Names.Contains(name))
            {
                scope.Set(name, rest());
            }
            else if (count > 0)
            {
                throw new TemplateException($"macro '{arguments.Callee}' takes not more than {Parameters.Count} argument(s), and none of another name");
            }
        }
    }
}
