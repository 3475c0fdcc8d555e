using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// The characters of a piece; one that the vocabulary lacks becomes the tokens of its bytes (<c>byte_fallback</c>), so that no text is
/// unknown.
/// </summary>
internal sealed class CharacterTokens : IBaseTokens
{
    private readonly Dictionary<Rune, int> idOfCharacter = [];
    private readonly int[] idOfByte;

    /// <param name="vocabulary">Ids by token; all 256 bytes are among them.</param>
    /// <param name="source">The file, for messages.</param>
    /// <exception cref="RequestException">The token of a byte is missing.</exception>
    public CharacterTokens(Dictionary<string, int> vocabulary, string source)
    {
        idOfByte = [.. Enumerable.Range(0, 256).Select(value => ByteFallbackSpelling.TokenOf((byte)value)).Select(token => vocabulary.TryGetValue(token, out var id)
            ? id
            : throw TokenizerFile.Broken(source, $"model.byte_fallback is true, and the vocabulary lacks the token '{token}'"))];
        foreach (var (token, id) in vocabulary)
        {
            if (token.Length <= 2 && Rune.DecodeFromUtf16(token, out var rune, out var length) == System.Buffers.OperationStatus.Done && length == token.Length)
            {
                idOfCharacter.Add(rune, id);
            }
        }
    }

    /// <inheritdoc/>
    public Span<int> Of(ReadOnlySpan<char> piece)
    {
        var ids = new int[piece.Length * 3]; // a UTF-16 unit is three bytes at most
        var count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in piece.EnumerateRunes())
        {
            if (idOfCharacter.TryGetValue(rune, out var id))
            {
                ids[count++] = id;
                continue;
            }

            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                ids[count++] = idOfByte[value];
            }
        }

        return ids.AsSpan(0, count);
    }

    /// <inheritdoc/>
    public string Whole(ReadOnlySpan<char> piece) => piece.ToString();
}
