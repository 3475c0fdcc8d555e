namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>
/// The order of rows within each head of q and k. Hugging Face rotates row i with row i + headDim/2 (halves); llama.cpp's architecture
/// llama rotates neighbours (pairs), so its converter moves row i of half s to row 2i + s.
/// </summary>
internal static class RotaryOrder
{
    /// <summary>From llama.cpp's order to Hugging Face's.</summary>
    /// <param name="rows">[heads · headDim, columns]</param>
    public static void ToHalves(Span<float> rows, int headDim, int columns) => Reorder(rows, headDim, columns, toHalves: true);

    /// <summary>From Hugging Face's order to llama.cpp's.</summary>
    /// <param name="rows">[heads · headDim, columns]</param>
    public static void ToPairs(Span<float> rows, int headDim, int columns) => Reorder(rows, headDim, columns, toHalves: false);

    private static void Reorder(Span<float> rows, int headDim, int columns, bool toHalves)
    {
        var copy = new float[headDim * columns];
        for (; rows.Length > 0; rows = rows[copy.Length..])
        {
            rows[..copy.Length].CopyTo(copy);
            for (var row = 0; row < headDim; row++)
            {
                var pair = (row % (headDim / 2) * 2) + (row / (headDim / 2));
                var (from, to) = toHalves ? (pair, row) : (row, pair);
                copy.AsSpan(from * columns, columns).CopyTo(rows[(to * columns)..]);
            }
        }
    }
}
