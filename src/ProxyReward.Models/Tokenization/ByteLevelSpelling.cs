using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>Tokens in GPT-2's byte alphabet. One with any character outside it is an added token and stands for its own UTF-8 bytes.</summary>
internal sealed class ByteLevelSpelling : ITokenSpelling
{
    /// <inheritdoc/>
    public byte[] Bytes(string token)
    {
        var result = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (ByteAlphabet.Byte(token[i]) is not (>= 0 and var value))
            {
                return Encoding.UTF8.GetBytes(token);
            }

            result[i] = (byte)value;
        }

        return result;
    }

    /// <inheritdoc/>
    public byte[] FirstBytes(string token) => Bytes(token);
}
