using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Tokenization;

/// <summary>What is said about files that cannot be used.</summary>
internal static class TokenizerFile
{
    /// <summary>The file is not what it should be.</summary>
    public static RequestException Broken(string source, string what) =>
        new($"{source}: {what}. The file is damaged or no tokenizer: {DamagedFile.Mend(source)}.");

    /// <summary>The file asks for what is not implemented.</summary>
    public static RequestException Unsupported(string source, string what) =>
        new($"{source}: {what} is not supported. Take a model whose tokenizer is byte-level BPE with the splitting rules of GPT-2, "
            + "SmolLM2, Llama 3, Qwen or Tekken, BPE with byte fallback (Llama 2, Mistral, Gemma), or Unigram with Metaspace (DeBERTa-v3).");
}
