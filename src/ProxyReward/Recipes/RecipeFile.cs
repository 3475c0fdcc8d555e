using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ProxyReward.Recipes;

/// <summary>Recipes as YAML files.</summary>
public static partial class RecipeFile
{
    /// <summary>How recipes write a day.</summary>
    internal const string DateForm = "yyyy-MM-dd";

    /// <summary>How recipes write a time.</summary>
    internal const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss";

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">A YAML file.</param>
    /// <param name="overrides">Each <c>a.b=c</c>, c read as YAML; later ones win.</param>
    /// <exception cref="RequestException">Something is unknown, missing, of the wrong type or out of range; the message names file and line.</exception>
    public static Recipe Load(string path, IEnumerable<string>? overrides = null)
    {
        var binder = new RecipeBinder(RecipeTree.Load(path, overrides ?? []));
        var recipe = binder.Bind<Recipe>();
        RecipeRules.Check(recipe, key => binder.Places.GetValueOrDefault(key));
        return recipe;
    }

    /// <summary>Settings of a training without a recipe.</summary>
    /// <param name="overrides">Each <c>a.b=c</c>, c read as YAML; later ones win.</param>
    /// <exception cref="RequestException">Something is unknown, of the wrong type or out of range; the message names the override.</exception>
    public static TrainingSettings LoadTraining(IEnumerable<string> overrides)
    {
        var binder = new RecipeBinder(RecipeTree.Of(overrides));
        var settings = binder.Bind<TrainingSettings>();
        RecipeRules.Check(settings, key => binder.Places.GetValueOrDefault(key));
        return settings;
    }

    /// <summary>The recipe with every key written out. Loading the text gives the same recipe; equal recipes give the same text.</summary>
    public static string Write(Recipe recipe) => "# What this run was asked to do, every key written out.\n" + WriteKeys(recipe);

    /// <summary>The settings with every key written out.</summary>
    public static string Write(TrainingSettings settings) => WriteKeys(settings);

    /// <summary>The JSON schema for editors that ships as recipes/recipe.schema.json.</summary>
    public static string Schema() => RecordSchema.Of<Recipe>("A ProxyReward recipe", closed: true);

    /// <summary>How recipes spell a value, for example <c>length</c>.</summary>
    public static string Spell(Enum value) => RecipeKeys.Spell(value.ToString());

    /// <summary>
    /// Where a recipe's relative path leads: in the working directory, or else in the nearest folder from the recipe's own upwards that has it.
    /// </summary>
    /// <param name="path">As the recipe writes it.</param>
    /// <param name="recipeFolder">The folder of the recipe file or of the run.</param>
    /// <param name="key">The key, for the message.</param>
    /// <exception cref="RequestException">It is nowhere.</exception>
    public static string Locate(string path, string recipeFolder, string key) => Find(path, recipeFolder)
        ?? throw new RequestException(
            $"{key}: {path}: there is no such file or folder in {Environment.CurrentDirectory}, nor in {Path.GetFullPath(recipeFolder)} or above it. Correct the path, or give a full one with --set {key}=/…");

    /// <summary>The same; null where it is nowhere.</summary>
    public static string? Find(string path, string recipeFolder)
    {
        var folders = new List<string> { Environment.CurrentDirectory };
        for (var folder = Path.GetFullPath(recipeFolder); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            folders.Add(folder);
        }

        return folders.Select(folder => Path.GetFullPath(Path.Combine(folder, path))).FirstOrDefault(Path.Exists);
    }

    private static string WriteKeys(object section)
    {
        var text = new StringBuilder();
        WriteSection(text, section, "");
        return text.ToString();
    }

    private static void WriteSection(StringBuilder text, object section, string indent)
    {
        foreach (var (key, property) in RecipeKeys.Of(section.GetType()))
        {
            var value = property.GetValue(section);
            if (value is not null && RecipeKeys.IsSection(property.PropertyType))
            {
                text.Append(indent).Append(key).Append(":\n");
                WriteSection(text, value, indent + "  ");
            }
            else
            {
                text.Append(indent).Append(key).Append(": ").Append(WriteValue(value)).Append('\n');
            }
        }
    }

    /// <summary>A value as a recipe writes it.</summary>
    internal static string WriteValue(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        Enum e => Spell(e),
        string s => Plain().IsMatch(s) ? s : JsonSerializer.Serialize(s, Json.Line),
        DateTime time => time.ToString(time.TimeOfDay == TimeSpan.Zero ? DateForm : TimeForm, CultureInfo.InvariantCulture),
        IReadOnlyDictionary<string, JsonElement> variables =>
            $"{{{string.Join(", ", variables.OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => $"{WriteValue(variable.Key)}: {variable.Value.GetRawText()}"))}}}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(WriteValue))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"recipes have no {value.GetType()}"),
    };

    // Words that YAML takes for nothing but themselves; everything else is quoted (a JSON string is a YAML string).
    [GeneratedRegex(@"^(?!(?:null|true|false|yes|no|on|off)$)[A-Za-z/_][A-Za-z0-9/._-]*$", RegexOptions.IgnoreCase)]
    private static partial Regex Plain();
}
