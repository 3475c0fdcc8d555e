using System.Numerics;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>Python's operators on values.</summary>
internal static class Operators
{
    private const int MostExponent = 1024;

    /// <summary>+ - * / // % ** and ~.</summary>
    public static Value Apply(string symbol, Value left, Value right, Rendering rendering)
    {
        if (symbol == "~")
        {
            return new Text(rendering.Print(left) + rendering.Print(right));
        }

        RequireDefined(left);
        RequireDefined(right);
        switch (symbol, left, right)
        {
            case ("%", Text format, _):
                return new Text(StringFormat.Percent(format.Value, right, rendering));
            case ("+", Text a, Text b):
                return new Text(a.Value + b.Value);
            case ("+", Text, _):
                throw new TemplateException($"can only concatenate str (not \"{right.TypeName}\") to str");
            case ("+", Sequence a, Sequence b) when a.IsTuple == b.IsTuple:
                return new Sequence([.. a.List, .. b.List], a.IsTuple);
            case ("*", Text or Sequence, _) when Numbers.IsInteger(right, out var times):
                return Repeat(left, times, rendering);
            case ("*", _, Text or Sequence) when Numbers.IsInteger(left, out var times):
                return Repeat(right, times, rendering);
        }

        if (Numbers.IsInteger(left, out var i) && Numbers.IsInteger(right, out var j) && symbol != "/" && !(symbol == "**" && j < 0))
        {
            return Numbers.Of(OfIntegers(symbol, i, j));
        }

        if (Numbers.IsNumber(left, out var x) && Numbers.IsNumber(right, out var y))
        {
            return new Real(OfReals(symbol, x, y));
        }

        throw new TemplateException($"unsupported operand types for {symbol}: '{left.TypeName}' and '{right.TypeName}'");
    }

    /// <summary>== != &lt; &lt;= &gt; &gt;=, in and not in.</summary>
    public static bool Compare(string symbol, Value left, Value right, Rendering rendering)
    {
        rendering.Charge(symbol is "in" or "not in" ? right.Weight : Math.Min(left.Weight, right.Weight));
        return symbol switch
        {
            "==" => left.Equals(right),
            "!=" => !left.Equals(right),
            "in" => Contains(right, left),
            "not in" => !Contains(right, left),
            "<" => Order(left, right, symbol) < 0,
            "<=" => Order(left, right, symbol) <= 0,
            ">" => Order(left, right, symbol) > 0,
            _ => Order(left, right, symbol) >= 0,
        };
    }

    /// <summary>Negative, zero or positive as left comes before, with or after right; an error where Python knows no order.</summary>
    public static int Order(Value left, Value right, string symbol = "<")
    {
        RequireDefined(left);
        RequireDefined(right);
        if (Numbers.IsInteger(left, out var i) && Numbers.IsInteger(right, out var j))
        {
            return i.CompareTo(j);
        }

        if (Numbers.IsNumber(left, out var x) && Numbers.IsNumber(right, out var y))
        {
            return x.CompareTo(y);
        }

        return (left, right) switch
        {
            (Text a, Text b) => OrderByCodePoint(a.Value, b.Value),
            (Sequence a, Sequence b) when a.IsTuple == b.IsTuple => a.List.Zip(b.List, (m, n) => Order(m, n, symbol)).FirstOrDefault(
                order => order != 0, a.List.Count.CompareTo(b.List.Count)),
            _ => throw new TemplateException($"'{symbol}' not supported between instances of '{left.TypeName}' and '{right.TypeName}'"),
        };
    }

    /// <summary>Python's slice of a string, list or tuple.</summary>
    public static Value Slice(Value value, Value? from, Value? to, Value? step)
    {
        if (value is Undefined undefined)
        {
            throw undefined.Error();
        }

        if (value is not (Text or Sequence))
        {
            throw new TemplateException($"'{value.TypeName}' object cannot be sliced");
        }

        var length = value.Length!.Value;
        var stride = Bound(step, 1, -int.MaxValue, int.MaxValue);
        if (stride == 0)
        {
            throw new TemplateException("slice step cannot be zero");
        }

        var (least, most) = stride > 0 ? (0, length) : (-1, length - 1);
        var start = Bound(from, stride > 0 ? least : most, least, most, length);
        var end = Bound(to, stride > 0 ? most : least, least, most, length);
        if (value is Text text && stride == 1 && text.Value.Length == length)
        {
            return new Text(end > start ? text.Value[start..end] : "");
        }

        IReadOnlyList<Value> items = value is Sequence sequence ? sequence.List : [.. value.Items];
        var picked = new List<Value>();
        for (long i = start; stride > 0 ? i < end : i > end; i += stride)
        {
            picked.Add(items[(int)i]);
        }

        return value is Sequence list ? new Sequence(picked, list.IsTuple) : new Text(string.Concat(picked.Select(item => item.ToString())));
    }

    private static int Bound(Value? given, int absent, int least, int most, int length = 0)
    {
        if (given is null or None)
        {
            return absent;
        }

        if (!Numbers.IsInteger(given, out var index))
        {
            throw new TemplateException("slice indices must be integers or none");
        }

        return (int)BigInteger.Min(most, BigInteger.Max(least, index < 0 ? index + length : index));
    }

    private static bool Contains(Value container, Value wanted) => (container, wanted) switch
    {
        (Text text, Text part) => text.Value.Contains(part.Value, StringComparison.Ordinal),
        (Text, _) => throw new TemplateException($"'in <string>' requires string as left operand, not {wanted.TypeName}"),
        (Mapping mapping, _) => mapping.Entries.ContainsKey(wanted),
        _ when container.IsIterable => container.Items.Contains(wanted),
        _ => throw new TemplateException($"argument of type '{container.TypeName}' is not iterable"),
    };

    private static Value Repeat(Value value, BigInteger times, Rendering rendering)
    {
        var count = (long)BigInteger.Min(int.MaxValue, BigInteger.Max(0, times));
        rendering.Charge(count * (value.Weight + 1));
        return value switch
        {
            Text text => new Text(string.Concat(Enumerable.Repeat(text.Value, (int)count))),
            Sequence list => new Sequence([.. Enumerable.Repeat(list.List, (int)count).SelectMany(items => items)], list.IsTuple),
            _ => throw new ArgumentException("only strings and lists repeat", nameof(value)),
        };
    }

    private static BigInteger OfIntegers(string symbol, BigInteger left, BigInteger right)
    {
        if (symbol is "//" or "%" && right.IsZero)
        {
            throw new TemplateException("integer division or modulo by zero");
        }

        return symbol switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "//" => FloorDivide(left, right),
            "%" => left - (FloorDivide(left, right) * right),
            _ when right <= MostExponent => BigInteger.Pow(left, (int)right),
            _ => throw new TemplateException($"exponents beyond {MostExponent} are not supported"),
        };
    }

    private static BigInteger FloorDivide(BigInteger left, BigInteger right)
    {
        var quotient = BigInteger.DivRem(left, right, out var remainder);
        return !remainder.IsZero && remainder.Sign != right.Sign ? quotient - 1 : quotient;
    }

    private static double OfReals(string symbol, double left, double right)
    {
        if ((symbol is "/" or "//" or "%" && right == 0) || (symbol == "**" && left == 0 && right < 0))
        {
            throw new TemplateException("division by zero");
        }

        return symbol switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" => left / right,
            "//" => Math.Floor(left / right),
            "%" => left - (Math.Floor(left / right) * right),
            _ => Math.Pow(left, right),
        };
    }

    // UTF-16 order puts characters beyond U+FFFF before U+E000 and on; Python compares code points.
    private static int OrderByCodePoint(string left, string right)
    {
        var at = left.AsSpan().CommonPrefixLength(right);
        if (at == left.Length || at == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        return (char.IsSurrogate(left[at]), char.IsSurrogate(right[at])) switch
        {
            (true, false) => 1,
            (false, true) => -1,
            _ => left[at].CompareTo(right[at]),
        };
    }

    private static void RequireDefined(Value value)
    {
        if (value is Undefined undefined)
        {
            throw undefined.Error();
        }
    }
}
