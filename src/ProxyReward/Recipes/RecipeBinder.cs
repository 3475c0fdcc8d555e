using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace ProxyReward.Recipes;

/// <summary>
/// Turns YAML into the recipe's records. What is unknown, missing, of the wrong type or out of range is an error with its place and
/// its mend; remembers where each key was written, for the rules that look at several keys at once.
/// </summary>
internal sealed class RecipeBinder(RecipeTree tree)
{
    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly string[] DateForms = [RecipeFile.DateForm, RecipeFile.TimeForm, "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm"];

    /// <summary>Where each key was written, by its dotted path.</summary>
    public Dictionary<string, string> Places { get; } = new(StringComparer.Ordinal);

    public T Bind<T>() => (T)Section(typeof(T), tree.Root, "");

    private object Section(Type type, YamlNode node, string path)
    {
        if (node is not YamlMappingNode mapping)
        {
            throw Wrong(node, $"'{path}' is a section with the keys {string.Join(", ", RecipeKeys.Of(type).Select(k => k.Key))}.");
        }

        var section = Activator.CreateInstance(type)!;
        var keys = RecipeKeys.Of(type).ToDictionary(k => k.Key, k => k.Property, StringComparer.Ordinal);
        foreach (var (keyNode, value) in mapping.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? "";
            var inside = path.Length == 0 ? "" : $" in '{path}'";
            if (!keys.Remove(key, out var property))
            {
                throw Wrong(keyNode, $"unknown key '{key}'{inside}. The nearest known key is '{Near(type, key)}'.");
            }

            var dotted = path.Length == 0 ? key : $"{path}.{key}";
            Places[dotted] = tree.PlaceOf(keyNode);
            property.SetValue(section, Property(property, value, dotted));
        }

        var missing = keys.FirstOrDefault(k => k.Value.IsDefined(typeof(RequiredMemberAttribute)));
        return missing.Key is null
            ? section
            : throw Wrong(node, $"the key '{(path.Length == 0 ? "" : path + ".")}{missing.Key}' is missing ({Describe(missing.Value)}).");
    }

    private object? Property(PropertyInfo property, YamlNode node, string path)
    {
        var type = property.PropertyType;
        var isNull = node is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "null" or "~" or "" };
        if (isNull && Nullability.Create(property).WriteState == NullabilityState.Nullable)
        {
            return null;
        }

        if (RecipeKeys.IsSection(type))
        {
            return Section(type, node, path);
        }

        if (type == typeof(IReadOnlyDictionary<string, JsonElement>))
        {
            return Variables(node, path);
        }

        if (type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type))
        {
            return List(type.GetGenericArguments()[0], node, path);
        }

        if (isNull)
        {
            throw Wrong(node, $"'{path}' is empty ({Describe(property)}).");
        }

        var value = Scalar(Nullable.GetUnderlyingType(type) ?? type, node, path);
        Check(property, value, node, path);
        return value;
    }

    private Dictionary<string, JsonElement> Variables(YamlNode node, string path)
    {
        if (node is not YamlMappingNode mapping)
        {
            throw Wrong(node, $"'{path}' is a section with keys of your own, for example {{enable_thinking: false}}.");
        }

        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (keyNode, value) in mapping.Children)
        {
            var dotted = $"{path}.{(keyNode as YamlScalarNode)?.Value}";
            Places[dotted] = tree.PlaceOf(keyNode);
            values[(keyNode as YamlScalarNode)?.Value ?? ""] = FreeValue.Of(value) ?? throw Wrong(value, $"'{dotted}' is {FreeValue.Kinds}.");
        }

        return values;
    }

    private Array List(Type item, YamlNode node, string path)
    {
        if (node is not YamlSequenceNode sequence)
        {
            throw Wrong(node, $"'{path}' is a list, for example [{(item.IsEnum ? string.Join(", ", RecipeKeys.ValuesOf(item).Take(2)) : "a, b")}].");
        }

        var list = Array.CreateInstance(item, sequence.Children.Count);
        for (var i = 0; i < list.Length; i++)
        {
            list.SetValue(Scalar(item, sequence.Children[i], path), i);
        }

        return list;
    }

    private object Scalar(Type type, YamlNode node, string path)
    {
        var text = (node as YamlScalarNode)?.Value ?? throw Wrong(node, $"'{path}' takes one value, not a {node.NodeType.ToString().ToLowerInvariant()}.");
        if (type.IsEnum)
        {
            var name = Enum.GetNames(type).FirstOrDefault(n => RecipeKeys.Spell(n) == text);
            return name is not null
                ? Enum.Parse(type, name)
                : throw Wrong(node, $"'{path}' cannot be '{text}'. It is one of {string.Join(", ", RecipeKeys.ValuesOf(type))}.");
        }

        object? value = type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(bool) => text switch { "true" => true, "false" => false, _ => null },
            _ when type == typeof(int) => int.TryParse(text, CultureInfo.InvariantCulture, out var i) ? i : null,
            _ when type == typeof(long) => long.TryParse(text, CultureInfo.InvariantCulture, out var l) ? l : null,
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && double.IsFinite(d) ? d : null, // no thousands: 0,11 is not 11
            _ when type == typeof(DateTime) => DateTime.TryParseExact(text, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null,
            _ => throw new NotSupportedException($"recipes have no {type}"),
        };
        return value ?? throw Wrong(node, $"'{path}' cannot be '{text}'. It is {Kind(type)}.");
    }

    private void Check(PropertyInfo property, object value, YamlNode node, string path)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
        {
            throw Wrong(node, FormattableString.Invariant($"'{path}' cannot be {value}. It lies between {range.Minimum} and {range.Maximum}."));
        }

        if (property.IsDefined(typeof(RequiredAttribute)) && value is string { Length: 0 })
        {
            throw Wrong(node, $"'{path}' is empty ({Describe(property)}).");
        }

        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } form && !Regex.IsMatch((string)value, $"^(?:{form.Pattern})$"))
        {
            throw Wrong(node, $"'{path}' cannot be '{value}'. It is made of letters, digits, '.', '_' and '-'.");
        }
    }

    private RequestException Wrong(YamlNode node, string what) => new($"{tree.PlaceOf(node)}: {what}");

    private static string Near(Type type, string key) => RecipeKeys.Nearest(key, RecipeKeys.Of(type).Select(k => k.Key));

    private static string Describe(PropertyInfo property) => property.GetCustomAttribute<System.ComponentModel.DescriptionAttribute>()?.Description ?? property.Name;

    private static string Kind(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "a number, written with a point: 0.5"
        : type == typeof(DateTime) ? "a date (2026-01-31), or a date and time without a zone (2026-01-31T12:00:00)"
        : "a whole number";
}
