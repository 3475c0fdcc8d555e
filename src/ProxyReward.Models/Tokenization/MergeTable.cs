namespace ProxyReward.Models.Tokenization;

/// <summary>The merges of a vocabulary, checked as they are added: by rank, as pairs of ids and the id that a pair becomes.</summary>
/// <param name="vocabulary">Tokens in the byte alphabet.</param>
/// <param name="source">The file, for messages.</param>
internal sealed class MergeTable(Dictionary<string, int> vocabulary, string source)
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> merges = new(vocabulary.Count);

    /// <summary>The merge of two tokens, if there is one.</summary>
    public bool TryGet(int left, int right, out (int Rank, int Id) merge) => merges.TryGetValue((left, right), out merge);

    /// <summary>Adds the next merge, written as "left right".</summary>
    public void Add(ReadOnlySpan<char> pair)
    {
        var space = pair.IndexOf(' ');
        if (space < 0)
        {
            throw Broken(pair, "", "is not two tokens with a space between them");
        }

        Add(pair[..space], pair[(space + 1)..]);
    }

    /// <summary>Adds the next merge.</summary>
    public void Add(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.IsEmpty || right.IsEmpty)
        {
            throw Broken(left, right, "has an empty side"); // it would go in a circle: joining nothing changes nothing
        }

        var joined = string.Concat(left, right);
        if (!merges.TryAdd((Id(left, left, right), Id(right, left, right)), (merges.Count, Id(joined, left, right))))
        {
            throw Broken(left, right, "repeats an earlier one");
        }
    }

    private int Id(ReadOnlySpan<char> token, ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        ids.TryGetValue(token, out var id) ? id : throw Broken(left, right, $"needs the token '{token}', which the vocabulary lacks");

    private RequestException Broken(ReadOnlySpan<char> left, ReadOnlySpan<char> right, string what) =>
        TokenizerFile.Broken(source, $"merge {merges.Count} ('{left} {right}') {what}");
}
