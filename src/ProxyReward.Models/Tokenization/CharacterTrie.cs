namespace ProxyReward.Models.Tokenization;

/// <summary>Texts as paths of characters from node 0, so that all that begin at a place of a text are found in one walk. Reading is thread-safe.</summary>
internal sealed class CharacterTrie
{
    private readonly Dictionary<(int Node, char Symbol), int> edges = [];

    /// <summary>How many nodes there are.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>The characters that a text can begin with.</summary>
    public char[] Firsts => [.. edges.Keys.Where(edge => edge.Node == 0).Select(edge => edge.Symbol)];

    /// <summary>Adds a text; returns the node it ends at.</summary>
    public int Add(ReadOnlySpan<char> text)
    {
        var node = 0;
        foreach (var symbol in text)
        {
            if (!edges.TryGetValue((node, symbol), out var child))
            {
                child = Count++;
                edges.Add((node, symbol), child);
            }

            node = child;
        }

        return node;
    }

    /// <summary>Goes one character on; false where no text does.</summary>
    public bool Follow(ref int node, char symbol) => edges.TryGetValue((node, symbol), out node);
}
