using TorchSharp;

namespace ProxyReward.Models.Native;

/// <summary>What libtorch could compute on. The engine's own kernels run on the processor, whatever else is there.</summary>
public static class Devices
{
    /// <summary>The device of the engine.</summary>
    public const string Processor = "cpu";

    /// <summary>Why the engine does not compute on a device, and what to do instead; null for <see cref="Processor"/>.</summary>
    public static string? Refusal(string device) => device == Processor
        ? null
        : $"{device}: this engine computes on the processor ({Processor}) only: attention, norms, losses and sampling are kernels of its own that read main memory. "
            + "Train on a GPU with the pairs of `export --format trl`, and write or read there through an OpenAI-compatible server.";

    /// <summary>What is there, in words.</summary>
    public static string Text()
    {
        NativeEngine.Load();
        return torch.cuda.is_available()
            ? $"{Processor} (used); cuda: {torch.cuda.device_count()} (seen, not used)"
            : $"{Processor} (used); no cuda in this build or on this machine";
    }
}
