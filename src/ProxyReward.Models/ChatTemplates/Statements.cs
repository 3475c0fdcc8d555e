using System.Text;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>How a statement ends.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>A node that writes.</summary>
internal abstract class Statement
{
    public abstract Flow Execute(Scope scope, StringBuilder output);
}

internal sealed class Body(List<Statement> statements)
{
    public Flow Execute(Scope scope, StringBuilder output)
    {
        foreach (var statement in statements)
        {
            scope.Rendering.Step();
            if (statement.Execute(scope, output) is not Flow.Next and var flow)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    /// <summary>What the body writes, in a scope of its own.</summary>
    public Text Capture(Scope scope)
    {
        var output = new StringBuilder();
        Execute(scope, output);
        return new Text(output.ToString());
    }
}

internal sealed class Data(string text) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        scope.Rendering.Write(output, text);
        return Flow.Next;
    }
}

internal sealed class Print(Expression expression) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        scope.Rendering.Write(output, scope.Rendering.Print(expression.Evaluate(scope)));
        return Flow.Next;
    }
}

internal sealed class If(List<(Expression Condition, Body Body)> branches, Body? otherwise) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        foreach (var (condition, body) in branches)
        {
            if (condition.Evaluate(scope).IsTrue)
            {
                return body.Execute(scope, output);
            }
        }

        return otherwise?.Execute(scope, output) ?? Flow.Next;
    }
}

internal sealed class Jump(Flow flow) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output) => flow;
}

/// <summary>What is assigned to: a name, several, or an attribute of a namespace.</summary>
internal sealed record Target(Position Position, List<string> Names, bool Unpacks, string? Attribute)
{
    public void Assign(Scope scope, Value value)
    {
        try
        {
            AssignTo(scope, value);
        }
        catch (TemplateException e) when (e.Position is null)
        {
            e.Position = Position;
            throw;
        }
    }

    private void AssignTo(Scope scope, Value value)
    {
        if (Attribute is not null)
        {
            var owner = scope.Find(Names[0]) as Namespace ?? throw new TemplateException($"'{Names[0]}' is no namespace: its attributes cannot be set");
            owner.Attributes[Attribute] = value;
        }
        else if (!Unpacks)
        {
            scope.Set(Names[0], value);
        }
        else
        {
            if (value.IsIterable && value.Length == Names.Count)
            {
                foreach (var (name, item) in Names.Zip(value.Items))
                {
                    scope.Set(name, item);
                }
            }
            else
            {
                throw new TemplateException($"'{value.TypeName}' of length {value.Length ?? 0} does not unpack into {Names.Count} names");
            }
        }
    }
}

internal sealed class Set(Target target, Expression value) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        target.Assign(scope, value.Evaluate(scope));
        return Flow.Next;
    }
}

/// <summary><c>{% set x | filter %}…{% endset %}</c>.</summary>
internal sealed class SetBlock(Target target, List<FilterCall> filters, Body body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        Value value = body.Capture(scope.Inner());
        target.Assign(scope, filters.Aggregate(value, (input, filter) => filter.Apply(input, scope)));
        return Flow.Next;
    }
}

/// <summary><c>{% filter name %}…{% endfilter %}</c>.</summary>
internal sealed class FilterBlock(List<FilterCall> filters, Body body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        Value value = body.Capture(scope.Inner());
        scope.Rendering.Write(output, scope.Rendering.Print(filters.Aggregate(value, (input, filter) => filter.Apply(input, scope))));
        return Flow.Next;
    }
}

/// <summary>A body with a scope of its own: <c>with</c>, and transformers' <c>generation</c>, which only marks what the model wrote.</summary>
internal sealed class With(List<(Target Target, Expression Value)> values, Body body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        var inner = scope.Inner();
        foreach (var (target, value) in values)
        {
            target.Assign(inner, value.Evaluate(scope));
        }

        return body.Execute(inner, output);
    }
}

/// <summary><c>{% call(x) macro() %}…{% endcall %}</c>: the macro gets the body as <c>caller</c>.</summary>
internal sealed class CallBlock(Signature signature, Call call, Body body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        var caller = new Function("caller", arguments => signature.Run(arguments, scope, body));
        scope.Rendering.Write(output, scope.Rendering.Print(call.Invoke(scope, caller)));
        return Flow.Next;
    }
}

internal sealed class Macro(string name, Signature signature, Body body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        // The scope is kept, not copied: a macro sees what the template sets after it.
        scope.Set(name, new Function(name, arguments => signature.Run(arguments, scope, body)));
        return Flow.Next;
    }
}
