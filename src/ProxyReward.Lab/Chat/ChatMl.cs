namespace ProxyReward.Lab.Chat;

/// <summary>
/// The chat format of the pocket models: ChatML without a system turn. Corpus, prompts and the shipped tokenizer's template all
/// say the same.
/// </summary>
public static class ChatMl
{
    /// <summary>Starts a turn; one token.</summary>
    public const string Start = "<|im_start|>";

    /// <summary>Ends a turn, and so a response; one token.</summary>
    public const string End = "<|im_end|>";

    /// <summary>Pads, and separates documents; one token.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>The special tokens in the order of their ids, from 0.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = [EndOfText, Start, End];

    /// <summary>
    /// The Jinja chat template for <c>tokenizer_config.json</c>: <c>messages</c> with <c>role</c> and <c>content</c>,
    /// <c>add_generation_prompt</c>.
    /// </summary>
    public static string Template { get; } = LoadTemplate();

    /// <summary>A user's turn and the opening of the assistant's: what the policy continues.</summary>
    public static string Prompt(string user) => $"{Start}user\n{user}{End}\n{Start}assistant\n";

    private static string LoadTemplate()
    {
        using var reader = new StreamReader(typeof(ChatMl).Assembly.GetManifestResourceStream("chatml.jinja")!);
        return reader.ReadToEnd().TrimEnd('\n');
    }
}
