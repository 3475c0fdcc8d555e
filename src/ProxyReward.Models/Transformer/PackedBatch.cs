namespace ProxyReward.Models.Transformer;

/// <summary>
/// Sequences laid end to end without padding. Each attends to itself alone; row i of every activation belongs to <see cref="Tokens"/>[i].
/// </summary>
public sealed class PackedBatch
{
    /// <summary>Packs sequences of at least one token each.</summary>
    public PackedBatch(IReadOnlyList<IReadOnlyList<int>> sequences)
    {
        Lengths = [.. sequences.Select(sequence => sequence.Count)];
        Tokens = [.. sequences.SelectMany(sequence => sequence)];
        Starts = new int[sequences.Count];
        Positions = new int[Tokens.Length];
        for (int i = 0, start = 0; i < sequences.Count; start += Lengths[i++])
        {
            Starts[i] = start;
            for (var j = 0; j < Lengths[i]; j++)
            {
                Positions[start + j] = j;
            }
        }
    }

    /// <summary>[rows] token ids.</summary>
    public int[] Tokens { get; }

    /// <summary>[rows] place of each token in its sequence.</summary>
    public int[] Positions { get; }

    /// <summary>First row of each sequence.</summary>
    public int[] Starts { get; }

    /// <summary>Rows of each sequence.</summary>
    public int[] Lengths { get; }

    /// <summary>Tokens in all.</summary>
    public int Rows => Tokens.Length;
}
