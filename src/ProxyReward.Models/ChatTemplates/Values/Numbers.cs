using System.Numerics;

namespace ProxyReward.Models.ChatTemplates.Values;

/// <summary>What int, float and bool have in common: true is 1, and 1 equals 1.0.</summary>
internal static class Numbers
{
    /// <summary>Integers are kept below this many bits, so that arithmetic stays cheap.</summary>
    private const long MostBits = 4096;

    /// <summary>An integer no larger than may be.</summary>
    public static Integer Of(BigInteger value) => value.GetBitLength() <= MostBits
        ? new Integer(value)
        : throw new TemplateException("the template makes a number that is too large");

    /// <summary>The value as an integer, if it is one; true and false are.</summary>
    public static bool IsInteger(Value? value, out BigInteger integer)
    {
        integer = value switch
        {
            Integer number => number.Value,
            Boolean truth => truth.IsTrue ? BigInteger.One : BigInteger.Zero,
            _ => default,
        };
        return value is Integer or Boolean;
    }

    /// <summary>The value as a floating-point number, if it is a number.</summary>
    public static bool IsNumber(Value? value, out double number)
    {
        number = value is Real real ? real.Value : IsInteger(value, out var integer) ? (double)integer : double.NaN;
        return value is Real or Integer or Boolean;
    }

    public static bool AreEqual(Value left, Value? right)
    {
        if (IsInteger(left, out var a) && IsInteger(right, out var b))
        {
            return a == b;
        }

        return IsNumber(left, out var x) && IsNumber(right, out var y) && x == y;
    }

    public static int Hash(Value value) => IsNumber(value, out var number) ? number.GetHashCode() : 0;
}
