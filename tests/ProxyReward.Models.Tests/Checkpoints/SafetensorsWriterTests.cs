using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class SafetensorsWriterTests
{
    [Theory, MemberData(nameof(ModelFixtures.Folders), MemberType = typeof(ModelFixtures))]
    public void What_is_written_reads_back_bit_for_bit(string relative)
    {
        using var source = SafetensorsFolder.Open(ModelFixtures.Path(relative));
        var type = Enum.Parse<SafetensorsType>(source.StoredType(ParameterLayout.Embedding));
        var tensors = source.Shapes.Keys.Select(name => TensorToWrite.Of(source, name)).ToList();
        foreach (var limit in (long[])[SafetensorsWriter.DefaultShardBytes, 100_000])
        {
            using var folder = new TestFolder();
            SafetensorsWriter.WriteFolder(folder.Path, tensors, type, limit);
            Assert.Equal(limit > 100_000, File.Exists(folder["model.safetensors"]));
            using var copy = SafetensorsFolder.Open(folder.Path);
            Assert.Equal(source.Shapes.Keys.Order(), copy.Shapes.Keys.Order());
            Assert.All(source.Shapes.Keys, name =>
            {
                Assert.Equal(type.ToString(), copy.StoredType(name));
                Assert.Equal(source.Shapes[name], copy.Shapes[name]);
                Assert.True(SafetensorsFolderTests.Read(source, name).AsSpan().SequenceEqual(SafetensorsFolderTests.Read(copy, name)), name);
            });
        }
    }

    [Theory]
    [InlineData(SafetensorsType.BF16, 0x3F808000u, 0x3F80u)] // 1 + 2^-8, a tie: to the even 1
    [InlineData(SafetensorsType.BF16, 0x3F818000u, 0x3F82u)] // 1 + 3 * 2^-8, a tie: up to the even 1 + 2^-6
    [InlineData(SafetensorsType.BF16, 0x3F808001u, 0x3F81u)] // just above a tie
    [InlineData(SafetensorsType.BF16, 0x7F7FFFFFu, 0x7F80u)] // the largest fp32: infinity
    [InlineData(SafetensorsType.BF16, 0x7F800001u, 0x7FC0u)] // a NaN whose bits are all cut off stays NaN
    [InlineData(SafetensorsType.BF16, 0x80000001u, 0x8000u)] // negative zero keeps its sign
    [InlineData(SafetensorsType.F16, 0x3F801000u, 0x3C00u)] // 1 + 2^-11, a tie: to the even 1
    [InlineData(SafetensorsType.F16, 0x3F803000u, 0x3C02u)] // 1 + 3 * 2^-11, a tie: up
    [InlineData(SafetensorsType.F16, 0x47800000u, 0x7C00u)] // 65536: infinity
    [InlineData(SafetensorsType.F16, 0x33800000u, 0x0001u)] // 2^-24, the smallest subnormal
    public void Narrowing_rounds_to_nearest_and_ties_to_even(SafetensorsType type, uint fp32, uint expected)
    {
        using var folder = new TestFolder();
        const int count = 37; // vectors and a rest
        SafetensorsWriter.WriteFile(folder["a"], [new("a", [count], span => span.Fill(BitConverter.UInt32BitsToSingle(fp32)))], type);
        var bytes = File.ReadAllBytes(folder["a"])[^(2 * count)..];
        Assert.All(bytes.Chunk(2), pair => Assert.Equal((ushort)expected, BitConverter.ToUInt16(pair)));
    }

    [Theory]
    [InlineData(SafetensorsType.F32)]
    [InlineData(SafetensorsType.BF16)]
    [InlineData(SafetensorsType.F16)]
    public void A_tensor_in_memory_is_written_like_one_that_is_read_and_can_be_read_twice(SafetensorsType type)
    {
        using var folder = new TestFolder();
        float[] numbers = [.. Enumerable.Range(0, (1 << 20) + 5).Select(i => i / 70f)]; // more than is written at a time
        SafetensorsWriter.WriteFile(folder["held"], [TensorToWrite.Of("a", [numbers.Length], () => numbers), new("b", [2], span => span.Fill(3))], type);
        SafetensorsWriter.WriteFile(folder["read"], [new("a", [numbers.Length], numbers.CopyTo), new("b", [2], span => span.Fill(3))], type);
        Assert.Equal(File.ReadAllBytes(folder["read"]), File.ReadAllBytes(folder["held"]));
        using var source = SafetensorsFolder.Open(folder["held"]);
        Assert.Equal(SafetensorsFolderTests.Read(source, "a"), SafetensorsFolderTests.Read(source, "a"));
        Assert.Equal(numbers[^1], SafetensorsFolderTests.Read(source, "a")[^1], numbers[^1] / 100);
        Assert.Equal([3f, 3f], SafetensorsFolderTests.Read(source, "b"));
    }

    [Fact]
    public void The_file_says_what_transformers_asks_for_and_aligns_its_numbers()
    {
        using var folder = new TestFolder();
        SafetensorsWriter.WriteFile(folder["a"], [new("odd", [3], span => span.Clear())], SafetensorsType.F16);
        var bytes = File.ReadAllBytes(folder["a"]);
        var header = System.Text.Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes));
        Assert.Contains("\"__metadata__\":{\"format\":\"pt\"}", header, StringComparison.Ordinal);
        Assert.Equal(0, (8 + header.Length) % 8);
    }

    [Fact]
    public void A_writer_that_fails_leaves_nothing_behind_and_the_old_file_whole()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["model.safetensors"], "old");
        Assert.Throws<RequestException>(() => SafetensorsWriter.WriteFolder(
            folder.Path, [new("a", [4], _ => throw new RequestException("no such tensor"))], SafetensorsType.F32));
        Assert.Equal("old", File.ReadAllText(folder["model.safetensors"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Fewer_shards_than_before_leave_no_old_ones()
    {
        using var folder = new TestFolder();
        TensorToWrite[] tensors = [new("a", [4], span => span.Clear()), new("b", [4], span => span.Fill(1))];
        SafetensorsWriter.WriteFolder(folder.Path, tensors, SafetensorsType.F32, shardBytes: 16);
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length);
        SafetensorsWriter.WriteFolder(folder.Path, tensors, SafetensorsType.F32);
        Assert.Equal(["model.safetensors"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }
}
