using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProxyReward.Recipes;

/// <summary>How a recipe's records are spelled in YAML: snake_case, for keys and for the values of enums.</summary>
internal static class RecipeKeys
{
    /// <summary>The properties a section takes, in the order they are declared.</summary>
    public static IEnumerable<(string Key, PropertyInfo Property)> Of(Type section) =>
        section.GetProperties().Where(p => !p.IsDefined(typeof(JsonIgnoreAttribute))).Select(p => (Spell(p.Name), p));

    /// <summary>Whether a type is a section with keys of its own.</summary>
    public static bool IsSection(Type type) => type.IsClass && type.Namespace!.StartsWith(nameof(ProxyReward), StringComparison.Ordinal);

    public static string Spell(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    public static IEnumerable<string> ValuesOf(Type enumType) => Enum.GetNames(enumType).Select(Spell);

    /// <summary>The known word that takes the fewest edits to reach.</summary>
    public static string Nearest(string word, IEnumerable<string> known) => known.MinBy(k => Edits(word, k)) ?? "";

    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
