using System.Numerics;

namespace ProxyReward.Models.ChatTemplates.Values;

/// <summary>
/// A value of a template, behaving as Python's would. Equality is Python's too: 1 == 1.0 == true. Templates reach values through
/// these members only, so nothing of .NET is within their reach.
/// </summary>
internal abstract class Value : IEquatable<Value>
{
    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Truth: empty, zero, none and undefined are false.</summary>
    public virtual bool IsTrue => true;

    /// <summary>The number of elements or code points; null where the type has no length.</summary>
    public virtual int? Length => null;

    /// <summary>Elements, counted with those inside them; what walking through the value costs.</summary>
    public virtual long Weight => 1;

    /// <summary>How many containers are inside one another; bounded, for printing and comparing are recursive.</summary>
    public virtual int Depth => 0;

    /// <summary>Its elements in order; an error where it has none.</summary>
    public virtual IEnumerable<Value> Items => throw new TemplateException($"'{TypeName}' object is not iterable");

    /// <summary>Whether <see cref="Items"/> may be asked for.</summary>
    public virtual bool IsIterable => Length is not null;

    /// <summary>The element of a key or index; null where there is none.</summary>
    public virtual Value? Item(Value key) => null;

    /// <inheritdoc/>
    public virtual bool Equals(Value? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>What printing it gives.</summary>
    public sealed override string ToString() => PythonText.Print(this);
}

/// <summary>Python's None.</summary>
internal sealed class None : Value
{
    public static readonly None Value = new();

    public override string TypeName => "NoneType";
    public override bool IsTrue => false;
}

/// <summary>
/// What a name or key that is not there gives: it prints as nothing, is false and empty, and fails where more is asked of it.
/// </summary>
/// <param name="reason">Said when it fails.</param>
internal sealed class Undefined(string reason) : Value
{
    public override string TypeName => "Undefined";
    public override bool IsTrue => false;
    public override int? Length => 0;
    public override IEnumerable<Value> Items => [];

    public TemplateException Error() => new(reason);

    public override bool Equals(Value? other) => other is Undefined;

    public override int GetHashCode() => 0;
}

/// <summary>True or false, which count as 1 and 0.</summary>
internal sealed class Boolean : Value
{
    public static readonly Boolean True = new();
    public static readonly Boolean False = new();

    public override string TypeName => "bool";
    public override bool IsTrue => ReferenceEquals(this, True);

    public static Boolean Of(bool value) => value ? True : False;

    public override bool Equals(Value? other) => Numbers.AreEqual(this, other);

    public override int GetHashCode() => Numbers.Hash(this);
}

/// <summary>An integer of any size.</summary>
internal sealed class Integer(BigInteger value) : Value
{
    public BigInteger Value { get; } = value;
    public override string TypeName => "int";
    public override bool IsTrue => !Value.IsZero;

    public override bool Equals(Value? other) => Numbers.AreEqual(this, other);

    public override int GetHashCode() => Numbers.Hash(this);
}

/// <summary>A floating-point number.</summary>
internal sealed class Real(double value) : Value
{
    public double Value { get; } = value;
    public override string TypeName => "float";
    public override bool IsTrue => Value != 0;

    public override bool Equals(Value? other) => Numbers.AreEqual(this, other);

    public override int GetHashCode() => Numbers.Hash(this);
}

/// <summary>A list or a tuple; never changed after it is made.</summary>
internal sealed class Sequence : Value
{
    private readonly IReadOnlyList<Value> items;

    public Sequence(IReadOnlyList<Value> items, bool isTuple = false)
    {
        this.items = items;
        IsTuple = isTuple;
        (Weight, Depth) = Measure.Of(items);
    }

    public bool IsTuple { get; }
    public IReadOnlyList<Value> List => items;
    public override string TypeName => IsTuple ? "tuple" : "list";
    public override bool IsTrue => items.Count > 0;
    public override int? Length => items.Count;
    public override long Weight { get; }
    public override int Depth { get; }
    public override IEnumerable<Value> Items => items;

    public override Value? Item(Value key)
    {
        if (!Numbers.IsInteger(key, out var index))
        {
            return null;
        }

        index = index < 0 ? index + items.Count : index;
        return index >= 0 && index < items.Count ? items[(int)index] : null;
    }

    public override bool Equals(Value? other) => other is Sequence sequence && sequence.IsTuple == IsTuple && items.SequenceEqual(sequence.items);

    public override int GetHashCode() => IsTuple
        ? items.Aggregate(items.Count, HashCode.Combine)
        : throw new TemplateException("a list cannot be a key");
}

/// <summary>A dictionary in the order of its making.</summary>
internal sealed class Mapping : Value
{
    private readonly OrderedDictionary<Value, Value> entries;

    public Mapping(OrderedDictionary<Value, Value> entries)
    {
        this.entries = entries;
        (Weight, Depth) = Measure.Of(entries.Keys.Concat(entries.Values));
    }

    public IReadOnlyDictionary<Value, Value> Entries => entries;
    public override string TypeName => "dict";
    public override bool IsTrue => entries.Count > 0;
    public override int? Length => entries.Count;
    public override long Weight { get; }
    public override int Depth { get; }
    public override IEnumerable<Value> Items => entries.Keys;

    public override Value? Item(Value key) => entries.GetValueOrDefault(key);

    public override bool Equals(Value? other) => other is Mapping mapping && mapping.entries.Count == entries.Count
        && entries.All(entry => mapping.entries.TryGetValue(entry.Key, out var value) && entry.Value.Equals(value));

    public override int GetHashCode() => throw new TemplateException("a dict cannot be a key");
}

/// <summary>What <c>namespace()</c> makes: the one value whose attributes a template may set.</summary>
internal sealed class Namespace(Dictionary<string, Value> attributes) : Value
{
    public Dictionary<string, Value> Attributes { get; } = attributes;
    public override string TypeName => "Namespace";

    public override Value? Item(Value key) => key is Text name ? Attributes.GetValueOrDefault(name.Value) : null;
}

/// <summary>Something that can be called.</summary>
/// <param name="name">For messages.</param>
/// <param name="invoke">What it does.</param>
internal sealed class Function(string name, Func<Arguments, Value> invoke) : Value
{
    public string Name { get; } = name;
    public override string TypeName => "function";

    public Value Invoke(Arguments arguments) => invoke(arguments);
}

/// <summary>
/// What containers weigh and how deep they are. A list that holds a list twice weighs it twice, as whoever prints it must: otherwise
/// forty doublings would print for ever.
/// </summary>
internal static class Measure
{
    private const long MostWeight = 1L << 26;
    private const int MostDepth = 200;

    public static (long Weight, int Depth) Of(IEnumerable<Value> values)
    {
        var (weight, depth) = (1L, 0);
        foreach (var value in values)
        {
            weight += value.Weight;
            depth = Math.Max(depth, value.Depth);
            if (weight > MostWeight || depth >= MostDepth)
            {
                throw new TemplateException("the template makes a value that is too large");
            }
        }

        return (weight, depth + 1);
    }
}
