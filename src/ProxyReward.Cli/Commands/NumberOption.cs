using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace ProxyReward.Cli.Commands;

/// <summary>Options that take a number: written with a point, finite, within bounds. What is not is refused by name.</summary>
internal static class NumberOption
{
    /// <summary>A number that is something else only where it is said.</summary>
    public static Option<T> Create<T>(string name, string description, T otherwise, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise, CustomParser = result => Parse(result, name, least, most) };

    /// <summary>A number that need not be given.</summary>
    public static Option<T?> Create<T>(string name, string description, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        new(name) { Description = description, CustomParser = result => Parse(result, name, least, most) };

    private static T Parse<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        // Not NumberStyles.Number, to which a comma sets off thousands: 0,15 would be 15.
        var text = result.Tokens is [var token] ? token.Value : "";
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }

        result.AddError($"{name}: '{text}' is not a {Kind(least, most)}.");
        return least;
    }

    private static string Kind<T>(T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var isWhole = default(T) is int or long;
        var bounds = most < T.MaxValue ? $" from {least.ToString(null, CultureInfo.InvariantCulture)} to {most.ToString(null, CultureInfo.InvariantCulture)}"
            : least > T.MinValue ? $" of {least.ToString(null, CultureInfo.InvariantCulture)} or more"
            : "";
        return isWhole ? $"whole number{bounds}" : $"number{bounds}, written with a point: 0.5";
    }
}
