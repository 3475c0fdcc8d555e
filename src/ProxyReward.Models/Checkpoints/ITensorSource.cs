namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// Named tensors in a file or folder (safetensors or GGUF), under Hugging Face's names and layout whatever the file's own.
/// Thread-safe for reading.
/// </summary>
public interface ITensorSource : IDisposable
{
    /// <summary>Every tensor with its shape, row-major, outermost dimension first.</summary>
    IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; }

    /// <summary>How a tensor's numbers are stored, in the format's own spelling: F32, BF16, Q4_1, …</summary>
    /// <exception cref="RequestException">There is no such tensor.</exception>
    string StoredType(string name);

    /// <summary>Reads a tensor as fp32, dequantised or widened exactly; <paramref name="destination"/> has as many elements as the tensor.</summary>
    /// <exception cref="RequestException">There is no such tensor, its size differs, or the file is damaged: the message names file and tensor.</exception>
    void ReadFloat32(string name, Span<float> destination);
}
