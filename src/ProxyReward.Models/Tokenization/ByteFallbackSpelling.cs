using System.Globalization;
using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// Tokens of characters, spaces written as ▁, and a token &lt;0xE4&gt; for each byte of a character that the vocabulary lacks. Where the bytes of a
/// sequence are no UTF-8, Hugging Face's decoder replaces the whole run of byte tokens, SentencePiece and this one only what is invalid: a
/// stream has given out by then what was complete.
/// </summary>
/// <param name="stripsSpace">A text does not begin with the space that encoding put there.</param>
internal sealed class ByteFallbackSpelling(bool stripsSpace) : ITokenSpelling
{
    private const string Form = "<0x00>";

    /// <summary>The token of a byte.</summary>
    public static string TokenOf(byte value) => $"<0x{value:X2}>";

    /// <inheritdoc/>
    public byte[] Bytes(string token) =>
        token.Length == Form.Length && token.StartsWith("<0x", StringComparison.Ordinal) && token[^1] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? [value]
            : Encoding.UTF8.GetBytes(token.Replace(Metaspace.UsualMark, ' '));

    /// <inheritdoc/>
    public byte[] FirstBytes(string token) => stripsSpace && Bytes(token) is [(byte)' ', .. var rest] ? rest : Bytes(token);
}
