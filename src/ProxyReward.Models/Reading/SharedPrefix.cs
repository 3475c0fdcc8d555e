namespace ProxyReward.Models.Reading;

/// <summary>
/// A long prefix and short continuations of it, laid end to end: each row of a continuation sees the prefix and what it continues, and no
/// other continuation. So a text is read once, however much is asked about it.
/// </summary>
internal sealed class SharedPrefix
{
    /// <param name="prefix">May be empty.</param>
    /// <param name="suffixes">At least one token each.</param>
    public SharedPrefix(IReadOnlyList<int> prefix, IReadOnlyList<IReadOnlyList<int>> suffixes)
    {
        Length = prefix.Count;
        Tokens = [.. prefix, .. suffixes.SelectMany(suffix => suffix)];
        Positions = new int[Tokens.Length];
        Begins = new int[Tokens.Length];
        LastRows = new int[suffixes.Count];
        for (var row = 0; row < Length; row++)
        {
            Positions[row] = row;
        }

        for (int i = 0, begin = Length; i < suffixes.Count; begin += suffixes[i++].Count)
        {
            LastRows[i] = begin + suffixes[i].Count - 1;
            for (var row = begin; row <= LastRows[i]; row++)
            {
                Positions[row] = Length + row - begin;
                Begins[row] = begin;
            }
        }
    }

    /// <summary>Rows of the prefix.</summary>
    public int Length { get; }

    /// <summary>[rows] token ids</summary>
    public int[] Tokens { get; }

    /// <summary>[rows] place of each token in prefix and continuation</summary>
    public int[] Positions { get; }

    /// <summary>[rows] first row of the continuation that the row belongs to; 0 in the prefix</summary>
    public int[] Begins { get; }

    /// <summary>[suffixes] last row of each continuation</summary>
    public int[] LastRows { get; }
}
