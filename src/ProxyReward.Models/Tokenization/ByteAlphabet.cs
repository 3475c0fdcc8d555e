namespace ProxyReward.Models.Tokenization;

/// <summary>
/// GPT-2's way of writing bytes in a vocabulary: each byte is one printable character. Printable Latin-1 bytes stand for themselves,
/// the other 68 are U+0100 and on, so that a space is Ġ and a newline Ċ.
/// </summary>
internal static class ByteAlphabet
{
    private const int Symbols = 0x144;
    private static readonly char[] SymbolOfByte = new char[256];
    private static readonly short[] ByteOfSymbol = new short[Symbols];

    static ByteAlphabet()
    {
        Array.Fill(ByteOfSymbol, (short)-1);
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            var symbol = printable ? value : next++;
            SymbolOfByte[value] = (char)symbol;
            ByteOfSymbol[symbol] = (short)value;
        }
    }

    /// <summary>The character that writes a byte.</summary>
    public static char Symbol(byte value) => SymbolOfByte[value];

    /// <summary>The byte that a character writes, or -1 for a character outside the alphabet.</summary>
    public static int Byte(char symbol) => symbol < Symbols ? ByteOfSymbol[symbol] : -1;
}
