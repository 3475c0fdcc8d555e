using ProxyReward.Clients.Endpoints;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;
using ProxyReward.Questions;

namespace ProxyReward.Cli.Plans;

/// <summary>A model as far as a plan needs it: its shape, and its tokenizer where it is on this machine. No weights are read.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Tokenizer">Null: a token is taken for four bytes.</param>
internal sealed record PlannedModel(ModelConfig Shape, Tokenizer? Tokenizer)
{
    // What a chat template puts around a question, a system prompt included.
    private const int TemplateTokens = 32;

    /// <summary>Numbers in the model.</summary>
    public long Parameters => new ParameterLayout(Shape).Size;

    /// <summary>Reads a checkpoint's head.</summary>
    /// <exception cref="RequestException">There is none, or it is damaged.</exception>
    public static PlannedModel Open(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        var tokenizer = checkpoint.GgufTokenizer is { } gguf ? Tokenizer.From(gguf)
            : checkpoint.TokenizerPath is { } file ? Tokenizer.Load(file)
            : null;
        return new PlannedModel(checkpoint.Config, tokenizer);
    }

    /// <summary>Tokens of the longest question as the model is asked it, about.</summary>
    public int LongestPrompt(IEnumerable<MetaQuestion> questions) =>
        TemplateTokens + questions.Select(question => Tokenizer?.Encode(question.Text).Count ?? TokenEstimate.OfText(question.Text)).DefaultIfEmpty(0).Max();
}
