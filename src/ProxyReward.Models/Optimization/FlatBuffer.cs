using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Optimization;

/// <summary>
/// A flat fp32 buffer in a safetensors file: one tensor of its name, and more ("master.1", …) where a model has more numbers than one span counts.
/// </summary>
internal static class FlatBuffer
{
    private const int AtOnce = 1 << 30;

    /// <summary>The buffer as tensors in place.</summary>
    /// <param name="atOnce">Numbers of a tensor; tests make it small.</param>
    public static IEnumerable<TensorToWrite> ToWrite(string name, Tensor flat, int atOnce = AtOnce) => Pieces(name, flat.numel(), atOnce)
        .Select(piece => TensorToWrite.Of(piece.Name, [piece.Length], () => Rows.Floats(flat, piece.Offset, piece.Length)));

    /// <summary>Whether a file holds a buffer of this size.</summary>
    public static bool IsIn(SafetensorsFolder source, string name, long size, int atOnce = AtOnce) =>
        Pieces(name, size, atOnce).All(piece => source.Shapes.TryGetValue(piece.Name, out var shape) && shape.SequenceEqual([piece.Length]))
        && source.Shapes.Keys.Count(key => key.StartsWith(name + '.', StringComparison.Ordinal)) == Pieces(name, size, atOnce).Count() - 1;

    /// <summary>Fills the buffer from a file that it is in.</summary>
    public static void Read(SafetensorsFolder source, string name, Tensor flat, int atOnce = AtOnce)
    {
        foreach (var piece in Pieces(name, flat.numel(), atOnce))
        {
            source.ReadFloat32(piece.Name, Rows.Floats(flat, piece.Offset, piece.Length));
        }
    }

    private static IEnumerable<(string Name, long Offset, int Length)> Pieces(string name, long size, int atOnce)
    {
        for (var at = 0L; at < size; at += atOnce)
        {
            yield return (at == 0 ? name : $"{name}.{at / atOnce}", at, (int)Math.Min(atOnce, size - at));
        }
    }
}
