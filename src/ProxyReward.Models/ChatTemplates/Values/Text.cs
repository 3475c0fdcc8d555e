namespace ProxyReward.Models.ChatTemplates.Values;

/// <summary>A string, which Python counts, indexes and slices by code point.</summary>
internal sealed class Text(string value) : Value
{
    public static readonly Text Empty = new("");

    private readonly bool isNarrow = !value.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
    private int[]? starts;

    public string Value { get; } = value;
    public override string TypeName => "str";
    public override bool IsTrue => Value.Length > 0;
    public override int? Length => isNarrow ? Value.Length : Starts.Length - 1;
    public override long Weight => Value.Length + 1L;

    public override IEnumerable<Value> Items => Enumerable.Range(0, Length!.Value).Select(At);

    /// <summary>Where each code point begins, and the end of the text.</summary>
    private int[] Starts => starts ??= FindStarts();

    public override Value? Item(Value key)
    {
        if (!Numbers.IsInteger(key, out var index))
        {
            return null;
        }

        index = index < 0 ? index + Length!.Value : index;
        return index >= 0 && index < Length ? At((int)index) : null;
    }

    public override bool Equals(Value? other) => other is Text text && text.Value == Value;

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    private Text At(int index) => new(isNarrow ? Value[index].ToString() : Value[Starts[index]..Starts[index + 1]]);

    private int[] FindStarts()
    {
        var found = new List<int>(Value.Length + 1) { 0 };
        foreach (var rune in Value.EnumerateRunes())
        {
            found.Add(found[^1] + rune.Utf16SequenceLength);
        }

        return [.. found];
    }
}
