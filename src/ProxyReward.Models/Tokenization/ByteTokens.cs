using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>Byte-level BPE's: a token for each byte, in GPT-2's alphabet.</summary>
internal sealed class ByteTokens : IBaseTokens
{
    private const int Dropped = -1;
    private readonly int[] idOfByte;

    /// <param name="vocabulary">Ids by token.</param>
    /// <param name="unknown">What stands for a byte that the vocabulary lacks; null drops it, as Hugging Face and llama.cpp do.</param>
    public ByteTokens(Dictionary<string, int> vocabulary, int? unknown) => idOfByte =
        [.. Enumerable.Range(0, 256).Select(value => vocabulary.TryGetValue(ByteAlphabet.Symbol((byte)value).ToString(), out var id) ? id : unknown ?? Dropped)];

    /// <inheritdoc/>
    public Span<int> Of(ReadOnlySpan<char> piece)
    {
        var bytes = Encode(piece);
        var ids = new int[bytes.Length];
        var count = 0;
        foreach (var value in bytes)
        {
            ids[count] = idOfByte[value];
            count += ids[count] == Dropped ? 0 : 1;
        }

        return ids.AsSpan(0, count);
    }

    /// <inheritdoc/>
    public string Whole(ReadOnlySpan<char> piece)
    {
        var bytes = Encode(piece);
        return string.Create(bytes.Length, bytes, (symbols, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                symbols[i] = ByteAlphabet.Symbol(from[i]);
            }
        });
    }

    private static byte[] Encode(ReadOnlySpan<char> piece)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(piece)];
        Encoding.UTF8.GetBytes(piece, bytes);
        return bytes;
    }
}
