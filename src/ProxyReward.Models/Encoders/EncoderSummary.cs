using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Reading;

namespace ProxyReward.Models.Encoders;

/// <summary>What an encoder folder is, for people: what <c>models inspect</c> prints. Weights are not read.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Shape">Family, sizes, labels.</param>
/// <param name="Parameters">Numbers in the model.</param>
/// <param name="Precision">How many of them are stored in which type, the most used first.</param>
/// <param name="Tokenizer">What its tokenizer is; null where there is none that can be used.</param>
/// <param name="NoTokenizer">Why not.</param>
/// <param name="NoReader">Null where its labels are those of an entailment reader, else why not.</param>
public sealed record EncoderSummary(
    string Path, EncoderConfig Shape, long Parameters, IReadOnlyList<StoredPrecision> Precision, TokenizerSummary? Tokenizer, string? NoTokenizer, string? NoReader)
{
    /// <summary>The summary of a folder; null where its <c>config.json</c> names no encoder family, or there is none.</summary>
    /// <exception cref="RequestException">It names one, and is damaged or not a classifier that is computed here.</exception>
    public static EncoderSummary? Of(string folder)
    {
        if (!EncoderFamily.Fits(folder))
        {
            return null;
        }

        using var network = EncoderFamily.Open(folder);
        using var tensors = network.Open(folder);
        var layout = network.Layout;
        var (tokenizer, noTokenizer) = Refusal.Of(() => Tokenization.Tokenizer.Load(folder));
        return new EncoderSummary(
            folder,
            network.Config,
            layout.Size,
            StoredPrecision.Of(layout, tensors),
            tokenizer is null ? null : TokenizerSummary.Of(tokenizer),
            noTokenizer,
            Refusal.Of(() => EntailmentLabels.Of(network.Config.Labels, folder)).Why);
    }

    /// <summary>Names and shapes of the tensors that a folder's <c>config.json</c> asks for, whether they are there or not.</summary>
    /// <exception cref="RequestException">It is damaged, or not of a classifier that is computed here.</exception>
    public static IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> ParametersOf(string folder)
    {
        using var network = EncoderFamily.Open(folder);
        return [.. network.Layout.Slots.Select(slot => (slot.Name, slot.Shape))];
    }
}
