namespace ProxyReward.Models.Checkpoints;

/// <summary>Number types of a safetensors file, under the names the format gives them.</summary>
public enum SafetensorsType
{
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U8,
    BOOL,
}

internal static class SafetensorsTypes
{
    public static int Bytes(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 => 2,
        _ => 1,
    };
}
