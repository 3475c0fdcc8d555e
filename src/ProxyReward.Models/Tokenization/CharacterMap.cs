using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// SentencePiece's normalisation as it travels inside a tokenizer ("Precompiled"): a double-array trie of UTF-8 texts, each with its
/// replacement. Read as Hugging Face's <c>spm_precompiled</c> reads it, whose oddity is kept: a grapheme shorter than six bytes is replaced
/// by what its shortest known beginning stands for, and only then its characters one by one. Thread-safe.
/// </summary>
internal sealed class CharacterMap
{
    private const int LongestGrapheme = 6;
    private readonly uint[] trie;
    private readonly byte[] replacements;

    /// <param name="map">The length of the trie in bytes (32 bits, little-endian), the trie, and the replacements, each ended by a zero.</param>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public CharacterMap(ReadOnlySpan<byte> map)
    {
        var length = map.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(map);
        if (length == 0 || length % 4 != 0 || length > map.Length - 4)
        {
            throw new FormatException($"a map of {map.Length} bytes cannot hold a trie of {length}");
        }

        trie = new uint[length / 4];
        for (var i = 0; i < trie.Length; i++)
        {
            trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(4 + (4 * i))..]);
        }

        replacements = map[(4 + (int)length)..].ToArray();
        if (!System.Text.Unicode.Utf8.IsValid(replacements))
        {
            throw new FormatException("its replacements are not UTF-8");
        }
    }

    /// <summary>The normalised text.</summary>
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = StringInfo.GetNextTextElementLength(text, at);
            var grapheme = text.AsSpan(at, length);
            if (Encoding.UTF8.GetByteCount(grapheme) < LongestGrapheme && Replacement(grapheme) is { } whole)
            {
                result.Append(whole);
                continue;
            }

            for (int i = 0, width; i < length; i += width)
            {
                _ = Rune.DecodeFromUtf16(grapheme[i..], out _, out width);
                var character = grapheme.Slice(i, width);
                result.Append(Replacement(character) ?? character.ToString());
            }
        }

        return result.ToString();
    }

    /// <summary>What the shortest known beginning of a text stands for; null where none is known.</summary>
    private string? Replacement(ReadOnlySpan<char> text)
    {
        Span<byte> utf8 = stackalloc byte[LongestGrapheme];
        var node = Offset(trie[0]);
        foreach (var value in utf8[..Encoding.UTF8.GetBytes(text, utf8)])
        {
            node ^= value;
            if (value == 0 || node >= trie.Length || Label(trie[node]) != value)
            {
                return null;
            }

            var unit = trie[node];
            node ^= Offset(unit);
            if (((unit >> 8) & 1) == 1) // a text ends here: what it stands for is the leaf's value
            {
                return node < trie.Length ? ReplacementAt(trie[node] & 0x7FFF_FFFF) : null;
            }
        }

        return null;
    }

    private string? ReplacementAt(uint start)
    {
        if (start >= replacements.Length)
        {
            return null;
        }

        var rest = replacements.AsSpan((int)start);
        return Encoding.UTF8.GetString(rest.IndexOf((byte)0) is >= 0 and var end ? rest[..end] : rest);
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1 << 9)) >> 6);

    private static uint Label(uint unit) => unit & 0x8000_00FF;
}
