namespace ProxyReward.Models.Tokenization;

/// <summary>How a vocabulary writes text: what bytes each of its tokens stands for. Thread-safe.</summary>
internal interface ITokenSpelling
{
    /// <summary>The bytes of a token; not always whole characters.</summary>
    byte[] Bytes(string token);

    /// <summary>The same for a token with which a text begins: some vocabularies put a space there that is not the text's.</summary>
    byte[] FirstBytes(string token);
}
