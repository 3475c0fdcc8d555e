using System.Globalization;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>Typed access to the metadata of a GGUF, with errors that name file and key.</summary>
internal sealed class GgufMetadata(GgufFile file)
{
    public const string Tokenizer = "tokenizer.ggml.";

    private readonly HashSet<string> seen = [];

    public bool Has(string key) => file.Metadata.ContainsKey(key);

    public int Int(string key, int? otherwise = null) => Find(key) switch
    {
        null => otherwise ?? throw Missing(key),
        byte or sbyte or ushort or short or uint or int or ulong or long => Whole(key),
        _ => throw Wrong(key, "a whole number"),
    };

    public int? IntOrNull(string key) => Has(key) ? Int(key) : null;

    public double Number(string key, double? otherwise = null) => Find(key) switch
    {
        null => otherwise ?? throw Missing(key),
        // The double with the float's shortest text, as config.json has it: 1e-5 and not 9.999999747378752e-06.
        float number when float.IsFinite(number) && number > 0 => double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        double number when double.IsFinite(number) && number > 0 => number,
        byte or sbyte or ushort or short or uint or int or ulong or long when Whole(key) is > 0 and var number => number, // some writers drop the point
        _ => throw Wrong(key, "a number above 0"),
    };

    public bool? BoolOrNull(string key) => Find(key) switch
    {
        null => null,
        bool value => value,
        _ => throw Wrong(key, "true or false"),
    };

    public string? TextOrNull(string key) => Find(key) switch
    {
        null => null,
        string text => text,
        _ => throw Wrong(key, "text"),
    };

    public string Text(string key) => TextOrNull(key) ?? throw Missing(key);

    public IReadOnlyList<T> List<T>(string key) => Find(key) switch
    {
        null => [],
        T[] items => items,
        _ => throw Wrong(key, $"an array of {typeof(T).Name}"),
    };

    /// <summary>Refuses keys of an architecture that were not read: ignoring one could compute something else, silently.</summary>
    public void RefuseOthers(string prefix, IReadOnlySet<string> harmless)
    {
        if (file.Metadata.Keys.FirstOrDefault(key =>
                key.StartsWith(prefix, StringComparison.Ordinal) && !seen.Contains(key) && !harmless.Contains(key[prefix.Length..])) is { } unknown)
        {
            throw new RequestException($"{file.Path}: metadata key {unknown} is not known and might change what is computed; the model cannot be used.");
        }
    }

    public RequestException Wrong(string key, string wanted) => new($"{file.Path}: metadata key {key} must be {wanted}, not {Shown(file.Metadata[key])}.");

    private static string Shown(object value) => value switch
    {
        Array items => $"an array of {items.Length}",
        string { Length: > 60 } text => $"'{text[..60]}…'",
        string text => $"'{text}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private int Whole(string key)
    {
        var value = Convert.ToDecimal(file.Metadata[key], CultureInfo.InvariantCulture);
        return value is >= 0 and <= int.MaxValue ? (int)value : throw Wrong(key, "between 0 and 2^31 - 1");
    }

    private RequestException Missing(string key) => new($"{file.Path}: metadata key {key} is missing; the file is not a language model, or damaged.");

    private object? Find(string key)
    {
        seen.Add(key);
        return file.Metadata.GetValueOrDefault(key);
    }
}
