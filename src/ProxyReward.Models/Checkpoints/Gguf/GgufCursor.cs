using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>Reads the head of a GGUF front to back. Counts are checked against the bytes that are left before anything is allocated.</summary>
internal sealed class GgufCursor(MappedFile file)
{
    private const int MaxDepth = 4;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>The next little-endian number.</summary>
    public T Number<T>()
        where T : unmanaged
    {
        var value = MemoryMarshal.Read<T>(file.Bytes(Position, Unsafe.SizeOf<T>()));
        Position += Unsafe.SizeOf<T>();
        return value;
    }

    public string Text()
    {
        var length = Count(leastBytes: 1, "a text");
        var text = Encoding.UTF8.GetString(file.Bytes(Position, length));
        Position += length;
        return text;
    }

    /// <summary>A number of things that follow, each of at least so many bytes.</summary>
    public int Count(int leastBytes, string what)
    {
        var count = Number<ulong>();
        return count <= (ulong)((file.Length - Position) / leastBytes) && count <= int.MaxValue
            ? (int)count
            : throw Damaged($"{what} claims a length of {count}, which the file has no room for");
    }

    /// <summary>A metadata value: a number, truth value, text, or an array of them as <c>T[]</c> (<c>object[]</c> of arrays where nested).</summary>
    public object Value(uint type, int depth = 0) => type switch
    {
        0 => Number<byte>(),
        1 => Number<sbyte>(),
        2 => Number<ushort>(),
        3 => Number<short>(),
        4 => Number<uint>(),
        5 => Number<int>(),
        6 => Number<float>(),
        7 => Truth(),
        8 => Text(),
        9 => Array(depth < MaxDepth ? depth + 1 : throw Damaged($"arrays are nested more than {MaxDepth} deep")),
        10 => Number<ulong>(),
        11 => Number<long>(),
        12 => Number<double>(),
        _ => throw Damaged($"metadata type {type} does not exist"),
    };

    public RequestException Damaged(string what) => new($"{file.Path}, byte {Position}: {what}; the file is damaged: {DamagedFile.Mend(file.Path)}.");

    private object Array(int depth) => Number<uint>() switch
    {
        0 => Numbers<byte>(),
        1 => Numbers<sbyte>(),
        2 => Numbers<ushort>(),
        3 => Numbers<short>(),
        4 => Numbers<uint>(),
        5 => Numbers<int>(),
        6 => Numbers<float>(),
        7 => Fill(1, Truth),
        8 => Fill(8, Text),
        9 => Fill(12, () => Value(9, depth)),
        10 => Numbers<ulong>(),
        11 => Numbers<long>(),
        12 => Numbers<double>(),
        var type => throw Damaged($"metadata type {type} does not exist"),
    };

    private T[] Numbers<T>()
        where T : unmanaged
    {
        var count = Count(Unsafe.SizeOf<T>(), "an array");
        var bytes = (long)count * Unsafe.SizeOf<T>();
        var numbers = MemoryMarshal.Cast<byte, T>(file.Bytes(Position, checked((int)bytes))).ToArray();
        Position += bytes;
        return numbers;
    }

    private T[] Fill<T>(int leastBytes, Func<T> next)
    {
        var items = new T[Count(leastBytes, "an array")];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = next();
        }

        return items;
    }

    private bool Truth() => Number<byte>() switch
    {
        0 => false,
        1 => true,
        var other => throw Damaged($"{other} is no truth value"),
    };
}
