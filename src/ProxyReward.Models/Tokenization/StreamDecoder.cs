using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// Decodes ids as they are sampled: gives out complete characters only, and holds back nothing that is complete.
/// All pieces and the flush together equal <see cref="Tokenizer.Decode"/> of all ids. One stream, one user.
/// </summary>
public sealed class StreamDecoder
{
    private readonly Tokenizer tokenizer;
    private readonly bool skipSpecial;
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private bool begun;

    internal StreamDecoder(Tokenizer tokenizer, bool skipSpecial)
    {
        this.tokenizer = tokenizer;
        this.skipSpecial = skipSpecial;
    }

    /// <summary>The characters that this id completes; often none, where a character takes several tokens.</summary>
    public string Push(int id)
    {
        if (skipSpecial && tokenizer.IsSpecial(id))
        {
            return "";
        }

        var bytes = begun ? tokenizer.Bytes(id) : tokenizer.FirstBytes(id);
        begun |= tokenizer.IdToToken(id) is not null;
        return Convert(bytes, flush: false);
    }

    /// <summary>What remains at the end: U+FFFD where a character was cut off, else nothing.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[decoder.GetCharCount(bytes, flush)];
        return new string(characters, 0, decoder.GetChars(bytes, characters, flush));
    }
}
