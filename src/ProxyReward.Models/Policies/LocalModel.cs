using ProxyReward.Models.ChatTemplates;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Native;
using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;
using ProxyReward.Responses;
using static TorchSharp.torch;

namespace ProxyReward.Models.Policies;

/// <summary>A language model on this machine that can be talked to: weights, tokenizer and chat template. Not thread-safe.</summary>
public sealed class LocalModel : IDisposable
{
    private readonly Checkpoint checkpoint;
    private readonly ChatTemplate? template;
    private readonly ChatTemplateOptions told;

    private LocalModel(Checkpoint checkpoint, Tokenizer tokenizer, (ChatTemplate? Template, ChatTemplateOptions Told) chat, LanguageModel network)
    {
        this.checkpoint = checkpoint;
        (template, told) = chat;
        Tokenizer = tokenizer;
        Network = network;
    }

    /// <summary>The weights and what computes with them.</summary>
    public LanguageModel Network { get; }

    /// <summary>Text to tokens and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The folder or file it was opened from.</summary>
    public string Path => checkpoint.Path;

    /// <summary>The token that ends a text.</summary>
    /// <exception cref="RequestException">The model has none.</exception>
    public int EndToken => checkpoint.EndTokenOf(Tokenizer)
        ?? throw new RequestException($"{Path}: names no end token (eos_token in tokenizer_config.json, eos_token_id in config.json), so that no text could end.");

    private ChatTemplate Template => Required(template, Path);

    /// <summary>Opens a Hugging Face folder or a GGUF.</summary>
    /// <param name="computeType">Float32 or BFloat16; null: what is fastest here.</param>
    /// <param name="chat">What its chat template is told; null: nothing.</param>
    /// <exception cref="RequestException">There is none, it is damaged, or it has no tokenizer.</exception>
    public static LocalModel Open(string path, ScalarType? computeType = null, ChatTemplateOptions? chat = null)
    {
        NativeEngine.Load();
        var opened = Checkpoint.Open(path);
        try
        {
            var tokenizer = TokenizerOf(opened);
            var jinja = TemplateOf(opened);
            var parameters = Parameters.Load(new ParameterLayout(opened.Config), opened.Tensors, path, computeType ?? Processor.ComputeType);
            return new LocalModel(opened, tokenizer, (jinja, chat ?? new()), new LanguageModel(opened.Config, parameters));
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The tokens of a user's turn and the opening of the assistant's. Special tokens in the text are read as text.</summary>
    /// <exception cref="RequestException">The model has no chat template.</exception>
    public IReadOnlyList<int> Prompt(string user) => Prompt([new ChatTurn("user", user)]);

    /// <summary>The tokens of a chat and the opening of the assistant's turn. Special tokens in the contents are read as text.</summary>
    /// <exception cref="RequestException">The model has no chat template, or it refuses the chat.</exception>
    public IReadOnlyList<int> Prompt(IReadOnlyList<ChatTurn> turns) => Chat(turns, addGenerationPrompt: true);

    /// <summary>The tokens of a chat, with the opening of the assistant's turn or without.</summary>
    /// <exception cref="RequestException">The model has no chat template, or it refuses the chat.</exception>
    public IReadOnlyList<int> Chat(IReadOnlyList<ChatTurn> turns, bool addGenerationPrompt) =>
        PromptTokens.Of(Tokenizer, chat => Template.Render(chat, addGenerationPrompt, told), turns);

    /// <summary>Refuses what a checkpoint's chat template is told and does not look at. Reads no weights.</summary>
    /// <exception cref="RequestException">There is such a thing, no template, or no checkpoint.</exception>
    public static void RequireUse(ChatTemplateOptions chat, string path)
    {
        if (chat.Line.Length > 0)
        {
            using var opened = Checkpoint.Open(path);
            Required(TemplateOf(opened), path).RequireUseOf(chat);
        }
    }

    /// <summary>What the chat template writes before a user's turn, and between it and the assistant's.</summary>
    /// <exception cref="RequestException">The model has no chat template, or it writes a user's turn otherwise.</exception>
    public (string Before, string After) Frame
    {
        get
        {
            const string Placeholder = "\uF8F0"; // a private-use character, in no template
            return Template.Render([new ChatTurn("user", Placeholder)], addGenerationPrompt: true, told).Split(Placeholder) is [var before, var after]
                ? (before, after)
                : throw new RequestException("the model's chat template does not write a user's turn as it is, so that nothing can be put to it.");
        }
    }

    /// <summary>The text of generated tokens, special ones left out.</summary>
    public string Text(IEnumerable<int> tokens) => Tokenizer.Decode(tokens, skipSpecial: true);

    /// <summary>Saves the weights as they stand now, with configuration and tokenizer, as a Hugging Face folder.</summary>
    public void Save(string folder, SafetensorsType type)
    {
        Directory.CreateDirectory(folder);
        checkpoint.SaveFolder(
            folder,
            type,
            [.. Network.Parameters.Layout.Slots.Select(slot => TensorToWrite.Of(slot.Name, slot.Shape, () => Network.Parameters.MasterOf(slot.Name)))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        checkpoint.Dispose();
    }

    private static ChatTemplate Required(ChatTemplate? template, string path) => template
        ?? throw new RequestException($"{path}: has no chat template, so there is no way to ask it; use an instruction-tuned checkpoint, or pairs of plain texts.");

    internal static Tokenizer TokenizerOf(Checkpoint checkpoint) => checkpoint.GgufTokenizer is { } gguf
        ? Tokenizer.From(gguf)
        : Tokenizer.Load(checkpoint.TokenizerPath ?? throw new RequestException($"{checkpoint.Path}: has no tokenizer.json; save the tokenizer beside the weights."));

    /// <summary>The chat template of a checkpoint; null where it has none.</summary>
    internal static ChatTemplate? TemplateOf(Checkpoint checkpoint) =>
        checkpoint.TokenizerFolder is { } folder ? ChatTemplate.Load(folder)
        : checkpoint.GgufTokenizer is { ChatTemplate: { } jinja } gguf ? ChatTemplate.Parse(jinja, $"{gguf.Source} (tokenizer.chat_template)", gguf.SpecialTokens)
        : null;
}
