using System.Buffers.Binary;
using System.Text;

namespace ProxyReward.Models.Native;

/// <summary>
/// Marks one required symbol version of a 64-bit little-endian ELF library as weak, in memory.
/// </summary>
/// <remarks>
/// libLibTorchSharp.so asks for GLIBCXX_3.4.32 although no relocation uses the one symbol behind it, and Debian 12, Ubuntu 22.04
/// and RHEL 9 stop at 3.4.30. A weak requirement (VER_FLG_WEAK in the Vernaux entry of .gnu.version_r) lets the loader go on.
/// Source: System V gABI, "Symbol Versioning" in the Linux Standard Base.
/// </remarks>
internal static class ElfPatch
{
    private const int SectionVersionNeeded = 0x6ffffffe;
    private const ushort Weak = 2;

    /// <summary>Sets the flag on every requirement of <paramref name="version"/>; returns how many there were.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such library.</exception>
    public static int MakeWeak(Span<byte> library, string version)
    {
        if (library.Length < 64 || !library[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF library");
        }

        var sections = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(library[0x28..]));
        var sectionSize = BinaryPrimitives.ReadUInt16LittleEndian(library[0x3A..]);
        var sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(library[0x3C..]);
        for (var i = 0; i < sectionCount; i++)
        {
            var header = library[(sections + (i * sectionSize))..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == SectionVersionNeeded)
            {
                var strings = library[(sections + ((int)Word(header, 0x28) * sectionSize))..];
                return MarkVersions(library, Offset(header), Offset(strings), entries: Word(header, 0x2C), version);
            }
        }

        return 0;
    }

    private static int MarkVersions(Span<byte> library, int need, int strings, uint entries, string version)
    {
        var marked = 0;
        for (var i = 0u; i < entries; i++)
        {
            var count = BinaryPrimitives.ReadUInt16LittleEndian(library[(need + 2)..]);
            var requirement = need + (int)Word(library[need..], 8);
            for (var j = 0; j < count; j++)
            {
                var name = library[(strings + (int)Word(library[requirement..], 8))..];
                if (Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]) == version)
                {
                    library[requirement + 4] |= (byte)Weak;
                    marked++;
                }

                requirement += (int)Word(library[requirement..], 12);
            }

            need += (int)Word(library[need..], 12);
        }

        return marked;
    }

    private static uint Word(ReadOnlySpan<byte> from, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(from[offset..]);

    private static int Offset(ReadOnlySpan<byte> sectionHeader) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(sectionHeader[0x18..]));
}
