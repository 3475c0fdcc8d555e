namespace ProxyReward.Models.Transformer;

/// <summary>Sequences that begin alike.</summary>
/// <param name="Prefix">What they all begin with; may be empty.</param>
/// <param name="Branches">What follows in each; may be empty where the prefix is not.</param>
public sealed record PrefixedSequences(IReadOnlyList<int> Prefix, IReadOnlyList<IReadOnlyList<int>> Branches);

/// <summary>Neighbouring rows of a sequence.</summary>
/// <param name="Start">The first of them.</param>
/// <param name="Length">How many; may be 0.</param>
/// <param name="Position">Place of the first in its sequence.</param>
internal readonly record struct Segment(int Start, int Length, int Position);

/// <summary>A prefix and the branches that see it, in rows.</summary>
internal sealed record PackedGroup(Segment Prefix, IReadOnlyList<Segment> Branches)
{
    /// <summary>Tokens of its longest sequence.</summary>
    public int Longest => Prefix.Length + Branches.Max(branch => branch.Length);

    public int Rows => Prefix.Length + Branches.Sum(branch => branch.Length);
}

/// <summary>
/// Sequences laid end to end without padding, a prefix that several share laid once. Each attends to its prefix and to itself alone; row i of every
/// activation belongs to <see cref="Tokens"/>[i].
/// </summary>
public sealed class PackedBatch
{
    /// <summary>Packs sequences of at least one token each, none of which shares anything.</summary>
    public PackedBatch(IReadOnlyList<IReadOnlyList<int>> sequences)
        : this(sequences.Select(sequence => new PrefixedSequences([], [sequence])))
    {
    }

    /// <summary>Packs groups: for each its prefix, then its branches.</summary>
    public PackedBatch(IEnumerable<PrefixedSequences> groups)
    {
        var tokens = new List<int>();
        Groups = [.. groups.Select(group =>
        {
            var prefix = Add(group.Prefix, 0);
            return new PackedGroup(prefix, [.. group.Branches.Select(branch => Add(branch, prefix.Length))]);
        })];
        var branches = Groups.SelectMany(group => group.Branches).ToList();
        Tokens = [.. tokens];
        Positions = new int[Tokens.Length];
        Starts = [.. branches.Select(branch => branch.Start)];
        Lengths = [.. branches.Select(branch => branch.Length)];
        foreach (var segment in branches.Concat(Groups.Select(group => group.Prefix)))
        {
            for (var i = 0; i < segment.Length; i++)
            {
                Positions[segment.Start + i] = segment.Position + i;
            }
        }

        Segment Add(IReadOnlyList<int> part, int position)
        {
            tokens.AddRange(part);
            return new Segment(tokens.Count - part.Count, part.Count, position);
        }
    }

    /// <summary>[rows] token ids.</summary>
    public int[] Tokens { get; }

    /// <summary>[rows] place of each token in its sequence.</summary>
    public int[] Positions { get; }

    /// <summary>First row of each sequence, its prefix not counted.</summary>
    public int[] Starts { get; }

    /// <summary>Rows of each sequence, its prefix not counted.</summary>
    public int[] Lengths { get; }

    /// <summary>Tokens in all.</summary>
    public int Rows => Tokens.Length;

    /// <summary>What attends to what.</summary>
    internal IReadOnlyList<PackedGroup> Groups { get; }
}
