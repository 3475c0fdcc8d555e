using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using static TorchSharp.torch;

namespace ProxyReward.Models.Native;

/// <summary>What this machine's processor does fast.</summary>
public static class Processor
{
    /// <summary>Whether it multiplies bf16 matrices in hardware (AVX512-BF16 or AMX-BF16). Elsewhere bf16 is slower than fp32.</summary>
    public static bool HasFastBf16 { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (HasAvx512Bf16() || HasAmxBf16());

    /// <summary>Its brand and the widest instructions that are used: what rounding depends on.</summary>
    public static string Name { get; } = $"{Brand()}, {Instructions()}";

    /// <summary>The type of matrix products that is fastest here.</summary>
    public static ScalarType ComputeType => HasFastBf16 ? ScalarType.BFloat16 : ScalarType.Float32;

    // CPUID leaves 0x80000002 to 4: 48 characters.
    private static string Brand()
    {
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0x80000004)
        {
            return $"{RuntimeInformation.ProcessArchitecture}";
        }

        int[] registers = [.. Enumerable.Range(2, 3).SelectMany(leaf => X86Base.CpuId(unchecked((int)0x80000000) + leaf, 0) is var (a, b, c, d) ? new[] { a, b, c, d } : [])];
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>(registers)).Trim('\0', ' ');
    }

    private static string Instructions() => HasFastBf16 ? "bf16" : Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : Vector128.IsHardwareAccelerated ? "128 bits" : "scalar";

    private static bool HasAvx512Bf16() => Avx512F.IsSupported && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    private static bool HasAmxBf16() => (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0;
}
