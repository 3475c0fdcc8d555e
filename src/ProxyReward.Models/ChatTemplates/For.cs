using System.Text;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary><c>{% for … in … if … recursive %}…{% else %}…{% endfor %}</c>. What the condition leaves out is not counted by <c>loop</c>.</summary>
internal sealed class For(Target target, Expression source, Expression? condition, bool isRecursive, Body body, Body? otherwise) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        Run(source.Evaluate(scope), scope, output, depth: 0);
        return Flow.Next;
    }

    private void Run(Value values, Scope scope, StringBuilder output, int depth)
    {
        IReadOnlyList<Value> items;
        try
        {
            items = [.. scope.Rendering.Made(values).Items.Where(item => IsWanted(item, scope))];
        }
        catch (TemplateException e) when (e.Position is null)
        {
            e.Position = source.Position;
            throw;
        }

        var loop = new Loop(items, depth, isRecursive ? Recurse : null);
        for (; loop.Index0 < items.Count; loop.Index0++)
        {
            scope.Rendering.Step();
            var inner = scope.Inner();
            inner.Set("loop", loop);
            target.Assign(inner, items[loop.Index0]);
            if (body.Execute(inner, output) == Flow.Break)
            {
                break;
            }
        }

        if (items.Count == 0)
        {
            otherwise?.Execute(scope.Inner(), output);
        }

        Value Recurse(Value below) => scope.Rendering.Nested(() =>
        {
            var written = new StringBuilder();
            Run(below, scope, written, depth + 1);
            return new Text(written.ToString());
        });
    }

    private bool IsWanted(Value item, Scope scope)
    {
        if (condition is null)
        {
            return true;
        }

        var inner = scope.Inner();
        target.Assign(inner, item);
        return condition.Evaluate(inner).IsTrue;
    }
}
