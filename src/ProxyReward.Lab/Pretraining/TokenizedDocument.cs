using ProxyReward.Lab.Corpus;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Lab.Pretraining;

/// <summary>A document in tokens, with the weight of each in the loss.</summary>
internal sealed record TokenizedDocument(DocumentKind Kind, IReadOnlyList<int> Tokens, IReadOnlyList<float> Weights)
{
    public static TokenizedDocument Of(CorpusDocument document, Tokenizer tokenizer)
    {
        var tokens = new List<int>();
        var weights = new List<float>();
        foreach (var segment in document.Segments)
        {
            var ids = tokenizer.Encode(segment.Text);
            tokens.AddRange(ids);
            weights.AddRange(ids.Select((_, i) => i == 0 ? segment.FirstTokenWeight : segment.Weight));
        }

        return new TokenizedDocument(document.Kind, tokens, weights);
    }
}
