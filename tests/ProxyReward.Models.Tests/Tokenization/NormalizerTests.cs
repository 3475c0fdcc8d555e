using System.Buffers.Binary;
using System.Text;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Tests.Tokenization;

public sealed class NormalizerTests
{
    // The examples of Unicode Standard Annex 15, and what recursion, Hangul and order of marks need.
    [Theory]
    [InlineData("ﬁ", "fi")]
    [InlineData("Ｔown", "Town")]
    [InlineData("2⁵", "25")]
    [InlineData("ẛ̣", "ṩ")]
    [InlineData("①", "1")]
    [InlineData("ｶﾞ", "ガ")]
    [InlineData("㎏", "kg")]
    [InlineData("가", "가")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("ﷺ", "صلى الله عليه وسلم")]
    [InlineData("plain", "plain")]
    public void Form_KC(string text, string expected) => Assert.Equal(expected, CanonicalComposition.ComposeCompatible(text));

    [Fact]
    public void Form_C_leaves_look_alikes_alone() => Assert.Equal("ﬁ①é", CanonicalComposition.Compose("ﬁ①e\u0301"));

    [Theory]
    [InlineData("a①b", "a1b")]
    [InlineData("ﬁn", "fin")]
    [InlineData("Ｔ\u0301", "T")] // a short grapheme goes as a whole for its first character's sake, as in the reference
    [InlineData("\u00A0x", " x")]
    [InlineData("a\u200Bb", "ab")]
    [InlineData("日本", "日本")]
    [InlineData("👩‍👩‍👧①", "👩‍👩‍👧1")]
    [InlineData("", "")]
    public void A_character_map_replaces_what_it_knows(string text, string expected)
    {
        var map = new CharacterMap(Map(("①", "1"), ("ﬁ", "fi"), ("Ｔ", "T"), ("\u00A0", " "), ("\u200B", "")));
        Assert.Equal(expected, map.Normalize(text));
    }

    [Fact]
    public void A_damaged_map_gives_a_text_or_a_FormatException_and_nothing_else()
    {
        var sound = Map(("①", "1"), ("ﬁ", "fi"));
        var draws = Draws.Of(3, "damage");
        for (var i = 0; i < 2000; i++)
        {
            var damaged = sound.ToArray();
            for (var times = 1 + draws.Below(4); times > 0; times--)
            {
                damaged[draws.Below(damaged.Length)] = (byte)draws.Below(256);
            }

            try
            {
                _ = new CharacterMap(damaged.AsSpan(0, 1 + draws.Below(damaged.Length))).Normalize("a①ﬁb日\0");
            }
            catch (FormatException)
            {
                // its word for a map that is none
            }
        }
    }

    /// <summary>A double array with a block of 256 units for each node: a child lies at its parent's block XOR its byte, a value at the block's beginning.</summary>
    private static byte[] Map(params (string Text, string Replacement)[] entries)
    {
        var nodes = new List<(byte[] Prefix, int At)> { ([], 0) };
        var replacements = new List<byte>();
        var values = new Dictionary<int, int>();
        foreach (var (text, replacement) in entries)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            var node = 0;
            for (var length = 1; length <= utf8.Length; length++)
            {
                var child = nodes.FindIndex(known => known.Prefix.AsSpan().SequenceEqual(utf8.AsSpan(0, length)));
                if (child < 0)
                {
                    child = nodes.Count;
                    nodes.Add((utf8[..length], Block(node) ^ utf8[length - 1]));
                }

                node = child;
            }

            values[node] = replacements.Count;
            replacements.AddRange([.. Encoding.UTF8.GetBytes(replacement), 0]);
        }

        var units = new uint[Block(nodes.Count)];
        for (var node = 0; node < nodes.Count; node++)
        {
            var (prefix, at) = nodes[node];
            units[at] = ((uint)(at ^ Block(node)) << 10) | (values.ContainsKey(node) ? 1u << 8 : 0) | (prefix.Length == 0 ? 0u : prefix[^1]);
            if (values.TryGetValue(node, out var value))
            {
                units[Block(node)] = 0x8000_0000 | (uint)value;
            }
        }

        var bytes = new byte[4 + (4 * units.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 4 * units.Length);
        for (var i = 0; i < units.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (4 * i)), units[i]);
        }

        return [.. bytes, .. replacements];

        static int Block(int node) => 256 * (node + 1);
    }
}
