using ProxyReward.Models.Tokenization;
using static TorchSharp.torch;

namespace ProxyReward.Models.Encoders;

/// <summary>Token rows filled up at the right to one length. Its tensors live in the dispose scope they are made in.</summary>
internal sealed class EncoderBatch
{
    /// <summary>Far below any score, and finite: a row of padding that sees nothing must not become NaN, which would spread.</summary>
    public const float Masked = -1e30f;

    /// <param name="rows">None empty.</param>
    /// <param name="padTokenId">What shorter rows are filled up with.</param>
    public EncoderBatch(IReadOnlyList<TokenSequence> rows, int padTokenId)
    {
        Lengths = [.. rows.Select(row => row.Ids.Count)];
        (Rows, Length) = (rows.Count, Lengths.Max());
        var (ids, types) = (new long[Rows * Length], new long[Rows * Length]);
        Array.Fill(ids, padTokenId);
        for (var row = 0; row < Rows; row++)
        {
            for (var i = 0; i < Lengths[row]; i++)
            {
                (ids[(row * Length) + i], types[(row * Length) + i]) = (rows[row].Ids[i], rows[row].Types[i]);
            }
        }

        (Ids, Types) = (tensor(ids, device: CPU), tensor(types, device: CPU));
        if (Lengths.Any(length => length < Length))
        {
            var mask = new float[Rows * Length];
            for (var row = 0; row < Rows; row++)
            {
                mask.AsSpan((row * Length) + Lengths[row], Length - Lengths[row]).Fill(Masked);
            }

            Mask = tensor(mask, device: CPU).view(Rows, 1, 1, Length);
        }
    }

    public int Rows { get; }

    /// <summary>Tokens of the longest row.</summary>
    public int Length { get; }

    /// <summary>Tokens of each row.</summary>
    public int[] Lengths { get; }

    /// <summary>[rows · length], int64</summary>
    public Tensor Ids { get; }

    /// <summary>[rows · length], int64</summary>
    public Tensor Types { get; }

    /// <summary>What is added to attention scores: 0, and <see cref="Masked"/> at padding; null where there is no padding. [rows, 1, 1, length]</summary>
    public Tensor? Mask { get; }

    /// <summary>The place of each token in its row.</summary>
    public int[] Positions => [.. Enumerable.Range(0, Rows * Length).Select(i => i % Length)];
}
