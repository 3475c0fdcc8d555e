using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace ProxyReward.Models.Native;

/// <summary>What this machine's processor does fast.</summary>
public static class Processor
{
    /// <summary>Whether it multiplies bf16 matrices in hardware (AVX512-BF16 or AMX-BF16). Elsewhere bf16 is slower than fp32.</summary>
    public static bool HasFastBf16 { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (HasAvx512Bf16() || HasAmxBf16());

    /// <summary>The type of matrix products that is fastest here.</summary>
    public static ScalarType ComputeType => HasFastBf16 ? ScalarType.BFloat16 : ScalarType.Float32;

    private static bool HasAvx512Bf16() => Avx512F.IsSupported && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    private static bool HasAmxBf16() => (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0;
}
