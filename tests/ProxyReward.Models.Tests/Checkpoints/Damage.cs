using System.Buffers.Binary;

namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>Damage at random, always the same for the same draws.</summary>
internal static class Damage
{
    /// <summary>One to three of: a bit, a byte, a large or negative number of 4 or 8 bytes, a cut, a stretch twice; mostly where the head is.</summary>
    public static byte[] Of(byte[] original, Draws draws, int head = 4000)
    {
        var bytes = original.ToArray();
        for (var times = 1 + draws.Below(3); times > 0 && bytes.Length > 16; times--)
        {
            var at = draws.Below(draws.Below(4) == 0 ? bytes.Length - 8 : Math.Min(bytes.Length - 8, head));
            switch (draws.Below(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << draws.Below(8));
                    break;
                case 1:
                    bytes[at] = (byte)draws.Below(256);
                    break;
                case 2:
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), draws.Pick([-1, int.MinValue, int.MaxValue, 1 << 30]));
                    break;
                case 3:
                    BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), draws.Pick([-1L, long.MinValue, long.MaxValue, 1L << 33, 1L << 62]));
                    break;
                case 4:
                    bytes = bytes[..at];
                    break;
                default:
                    var length = draws.Below(Math.Min(64, bytes.Length - at));
                    bytes = [.. bytes[..(at + length)], .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }
}
