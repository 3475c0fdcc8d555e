using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>A node that has a value. Errors from inside get the place of the innermost node that has one.</summary>
internal abstract class Expression(Position position)
{
    public Position Position { get; } = position;

    public Value Evaluate(Scope scope)
    {
        try
        {
            scope.Rendering.Step();
            System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
            return Compute(scope);
        }
        catch (TemplateException e) when (e.Position is null)
        {
            e.Position = Position;
            throw;
        }
    }

    protected abstract Value Compute(Scope scope);

    /// <summary>The same for work that does not begin with <see cref="Evaluate"/>.</summary>
    protected Value Placed(Func<Value> work)
    {
        try
        {
            return work();
        }
        catch (TemplateException e) when (e.Position is null)
        {
            e.Position = Position;
            throw;
        }
    }

    protected static List<Value> All(IEnumerable<Expression> expressions, Scope scope) => [.. expressions.Select(expression => expression.Evaluate(scope))];
}

internal sealed class Literal(Position position, Value value) : Expression(position)
{
    protected override Value Compute(Scope scope) => value;
}

internal sealed class Name(Position position, string name) : Expression(position)
{
    public string Text { get; } = name;

    protected override Value Compute(Scope scope) =>
        scope.Find(Text) ?? Functions.Global(Text, scope.Rendering) ?? new Undefined(Text == Functions.Clock
            ? $"'{Text}' is undefined: the time is not read from a clock, give one with chat.now (for example chat.now: 2026-01-31)"
            : $"'{Text}' is undefined");
}

internal sealed class ListLiteral(Position position, List<Expression> items, bool isTuple) : Expression(position)
{
    public IReadOnlyList<Expression> Items => items;
    public bool IsTuple => isTuple;

    protected override Value Compute(Scope scope) => scope.Rendering.Made(new Sequence(All(items, scope), isTuple));
}

internal sealed class DictLiteral(Position position, List<(Expression Key, Expression Value)> entries) : Expression(position)
{
    protected override Value Compute(Scope scope)
    {
        var made = new OrderedDictionary<Value, Value>();
        foreach (var (key, value) in entries)
        {
            made[key.Evaluate(scope)] = value.Evaluate(scope);
        }

        return scope.Rendering.Made(new Mapping(made));
    }
}

/// <summary><c>a.b</c>: a method before a key.</summary>
internal sealed class Attribute(Position position, Expression owner, string name) : Expression(position)
{
    protected override Value Compute(Scope scope)
    {
        var value = owner.Evaluate(scope);
        return Member.Method(value, name) ?? value.Item(new Text(name)) ?? Member.Missing(value, $"attribute '{name}'");
    }
}

/// <summary><c>a[b]</c>: a key before a method.</summary>
internal sealed class Subscript(Position position, Expression owner, Expression key) : Expression(position)
{
    protected override Value Compute(Scope scope)
    {
        var value = owner.Evaluate(scope);
        var wanted = key.Evaluate(scope);
        return (wanted is Undefined ? null : value.Item(wanted))
            ?? (wanted is Text name ? Member.Method(value, name.Value) : null)
            ?? Member.Missing(value, $"element {PythonText.Represent(wanted)}");
    }
}

/// <summary><c>a[from:to:step]</c>.</summary>
internal sealed class Slice(Position position, Expression owner, Expression? from, Expression? to, Expression? step) : Expression(position)
{
    protected override Value Compute(Scope scope)
    {
        var value = scope.Rendering.Made(owner.Evaluate(scope));
        return Operators.Slice(value, from?.Evaluate(scope), to?.Evaluate(scope), step?.Evaluate(scope));
    }
}

/// <summary>Arguments as they are written.</summary>
internal sealed record ArgumentList(List<Expression> Positional, List<(string Name, Expression Value)> Named)
{
    public static readonly ArgumentList Empty = new([], []);

    public Arguments Evaluate(Scope scope, string callee) => new(
        scope.Rendering,
        callee,
        [.. Positional.Select(argument => argument.Evaluate(scope))],
        Named.ToDictionary(argument => argument.Name, argument => argument.Value.Evaluate(scope)));
}

internal sealed class Call(Position position, Expression callee, ArgumentList arguments) : Expression(position)
{
    protected override Value Compute(Scope scope) => Invoke(scope, caller: null);

    /// <param name="scope">Where the arguments are looked up.</param>
    /// <param name="caller">The block of a <c>call</c> statement.</param>
    public Value Invoke(Scope scope, Function? caller) => Placed(() => callee.Evaluate(scope) switch
    {
        Function function => Run(function, scope, caller),
        Loop loop => Run(loop.AsFunction(), scope, caller),
        Undefined undefined => throw undefined.Error(),
        var other => throw new TemplateException($"'{other.TypeName}' object is not callable"),
    });

    private Value Run(Function function, Scope scope, Function? caller) =>
        scope.Rendering.Made(function.Invoke(WithCaller(arguments.Evaluate(scope, function.Name), caller)));

    private static Arguments WithCaller(Arguments given, Function? caller) => caller is null ? given
        : given with { Named = new Dictionary<string, Value>(given.Named) { ["caller"] = caller } };
}

internal sealed class FilterCall(Position position, Expression? input, string name, Filter filter, ArgumentList arguments) : Expression(position)
{
    protected override Value Compute(Scope scope) => Apply(input!.Evaluate(scope), scope);

    public Value Apply(Value value, Scope scope) => Placed(() =>
    {
        _ = scope.Rendering.Made(value);
        return scope.Rendering.Made(filter(value, arguments.Evaluate(scope, $"the filter '{name}'")));
    });
}

internal sealed class TestCall(Position position, Expression input, string name, Test test, ArgumentList arguments) : Expression(position)
{
    protected override Value Compute(Scope scope) =>
        Values.Boolean.Of(test(input.Evaluate(scope), arguments.Evaluate(scope, $"the test '{name}'")));
}

internal sealed class Not(Position position, Expression operand) : Expression(position)
{
    protected override Value Compute(Scope scope) => Values.Boolean.Of(!operand.Evaluate(scope).IsTrue);
}

internal sealed class Sign(Position position, Expression operand, bool negative) : Expression(position)
{
    protected override Value Compute(Scope scope) =>
        Operators.Apply(negative ? "-" : "+", new Integer(0), operand.Evaluate(scope), scope.Rendering);
}

internal sealed class Binary(Position position, string symbol, Expression left, Expression right) : Expression(position)
{
    protected override Value Compute(Scope scope) =>
        scope.Rendering.Made(Operators.Apply(symbol, left.Evaluate(scope), right.Evaluate(scope), scope.Rendering));
}

/// <summary><c>a &lt; b &lt; c</c>: each compared with its neighbour.</summary>
internal sealed class Comparison(Position position, Expression first, List<(string Symbol, Expression Operand)> rest) : Expression(position)
{
    protected override Value Compute(Scope scope)
    {
        var left = first.Evaluate(scope);
        foreach (var (symbol, operand) in rest)
        {
            var right = operand.Evaluate(scope);
            if (!Operators.Compare(symbol, left, right, scope.Rendering))
            {
                return Values.Boolean.False;
            }

            left = right;
        }

        return Values.Boolean.True;
    }
}

/// <summary><c>and</c>, <c>or</c>: the value that decides.</summary>
internal sealed class Logical(Position position, Expression left, Expression right, bool isAnd) : Expression(position)
{
    protected override Value Compute(Scope scope) => left.Evaluate(scope) is var value && value.IsTrue == isAnd ? right.Evaluate(scope) : value;
}

internal sealed class Conditional(Position position, Expression condition, Expression then, Expression? otherwise) : Expression(position)
{
    protected override Value Compute(Scope scope) => condition.Evaluate(scope).IsTrue ? then.Evaluate(scope)
        : otherwise?.Evaluate(scope) ?? new Undefined("the condition was false, and there is no 'else'");
}
