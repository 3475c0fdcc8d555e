using System.Text;
using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class SafetensorsFolderTests
{
    [Theory, MemberData(nameof(ModelFixtures.Folders), MemberType = typeof(ModelFixtures))]
    public void A_reference_checkpoint_has_exactly_the_tensors_of_its_configuration(string relative)
    {
        var folder = ModelFixtures.Path(relative);
        using var source = SafetensorsFolder.Open(folder);
        new ParameterLayout(ConfigReader.Read(folder)).Check(source, folder);
        Assert.All(source.Shapes, tensor => Assert.All(Read(source, tensor.Key), number => Assert.True(float.IsFinite(number))));
    }

    [Theory, MemberData(nameof(ModelFixtures.ExpectedSequences), MemberType = typeof(ModelFixtures))]
    public void Ids_and_log_probs_equal_those_of_the_JSON_beside_them(string relative)
    {
        var path = ModelFixtures.Path(relative);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(path, ".json")));
        using var source = SafetensorsFolder.Open(path);
        foreach (var sequence in json.RootElement.GetProperty("sequences").EnumerateArray())
        {
            var name = $"seq{sequence.GetProperty("index").GetInt32()}";
            if (source.Shapes.ContainsKey(name + ".ids"))
            {
                var ids = sequence.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64()).ToArray();
                var read = new long[ids.Length];
                source.ReadInt64(name + ".ids", read);
                Assert.Equal(ids, read);
            }

            if (source.Shapes.ContainsKey(name + ".logprobs"))
            {
                Assert.Equal(sequence.GetProperty("logprobs").EnumerateArray().Select(p => p.GetSingle()), Read(source, name + ".logprobs"));
            }
        }
    }

    [Fact]
    public void Every_float_type_is_widened_exactly()
    {
        // 1.5, -2, the smallest subnormal, infinity: in F16 3E00 C000 0001 7C00, in BF16 3FC0 C000 0001 7F80. The 40 rows cross the vector width.
        float[] half = [1.5f, -2, 5.9604645e-8f, float.PositiveInfinity];
        float[] brain = [1.5f, -2, 9.183549615799121e-41f, float.PositiveInfinity];
        var header = """{"h":{"dtype":"F16","shape":[40,4],"data_offsets":[0,320]},"b":{"dtype":"BF16","shape":[40,4],"data_offsets":[320,640]},"d":{"dtype":"F64","shape":[1],"data_offsets":[640,648]}}""";
        var data = Repeat("003E00C00100007C", 40) + Repeat("C03F00C00100807F", 40) + Convert.ToHexString(BitConverter.GetBytes(-0.375));
        using var folder = new TestFolder();
        using var source = SafetensorsFolder.Open(Write(folder["a.safetensors"], header, Convert.FromHexString(data)));
        Assert.Equal(Enumerable.Repeat(half, 40).SelectMany(x => x), Read(source, "h"));
        Assert.Equal(Enumerable.Repeat(brain, 40).SelectMany(x => x), Read(source, "b"));
        Assert.Equal([-0.375f], Read(source, "d"));
        Assert.Equal("BF16", source.StoredType("b"));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "4 bytes do not hold shape [2] of F32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,80]}}""", "do not lie in its 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "do not lie in its 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "leaves a gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "4 bytes after the last tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", "overflow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", "size -1")]
    [InlineData("""{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}""", "'F4' is not known")]
    [InlineData("""{"a":{"dtype":"1","shape":[2],"data_offsets":[0,8]}}""", "'1' is not known")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", "not a tensor's dtype")]
    [InlineData("""{"a":[]}""", "not a tensor's dtype")]
    [InlineData("""[]""", "must be a JSON object")]
    [InlineData("""{"a":""", "not valid JSON")]
    public void A_header_that_lies_is_named(string header, string complaint)
    {
        using var folder = new TestFolder();
        var path = Write(folder["a.safetensors"], header, new byte[8]);
        var error = Assert.Throws<RequestException>(() => SafetensorsFolder.Open(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "too few")]
    [InlineData("00", "too few")]
    [InlineData("FFFFFFFFFFFFFF7F7B7D", "claims 9223372036854775807 bytes")]
    [InlineData("FFFFFFFFFFFFFFFF7B7D", "claims 18446744073709551615 bytes")]
    [InlineData("03000000000000007B7D", "claims 3 bytes")]
    public void A_length_that_lies_is_named(string hex, string complaint)
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["a.safetensors"], Convert.FromHexString(hex));
        var error = Assert.Throws<RequestException>(() => SafetensorsFolder.Open(folder["a.safetensors"]));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_shortened_while_open_is_an_error_and_not_a_crash()
    {
        using var folder = new TestFolder();
        var path = Write(folder["a.safetensors"], """{"a":{"dtype":"F32","shape":[100000],"data_offsets":[0,400000]}}""", new byte[400000]);
        using var source = SafetensorsFolder.Open(path);
        using (var other = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite }))
        {
            other.SetLength(100);
        }

        Assert.Contains("shortened", Assert.Throws<RequestException>(() => Read(source, "a")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../secret.safetensors"}}""", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":7}}""", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"one.safetensors"}}""", "lacks b")]
    [InlineData("""{"weight_map":{}}""", "")]
    [InlineData("""{"weight_map":{"a":"absent.safetensors"}}""", "absent.safetensors")]
    [InlineData("""{}""", "weight_map")]
    public void An_index_that_does_not_fit_its_files_is_named(string index, string complaint)
    {
        using var folder = new TestFolder();
        Write(folder["one.safetensors"], """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]);
        File.WriteAllText(folder["model.safetensors.index.json"], index);
        if (complaint.Length == 0)
        {
            using var empty = SafetensorsFolder.Open(folder.Path);
            Assert.Empty(empty.Shapes);
            return;
        }

        Assert.Contains(complaint, Assert.Throws<RequestException>(() => SafetensorsFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_is_not_there_or_of_another_size_or_kind_is_named()
    {
        using var folder = new TestFolder();
        using var source = SafetensorsFolder.Open(Write(
            folder["a.safetensors"], """{"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]));
        Assert.Contains("no tensor v", Assert.Throws<RequestException>(() => source.ReadFloat32("v", new float[1])).Message, StringComparison.Ordinal);
        Assert.Contains("has 1 numbers, 2", Assert.Throws<RequestException>(() => source.ReadFloat32("w", new float[2])).Message, StringComparison.Ordinal);
        Assert.Contains("not floating-point", Assert.Throws<RequestException>(() => source.ReadFloat32("w", new float[1])).Message, StringComparison.Ordinal);
    }

    internal static float[] Read(ITensorSource source, string name)
    {
        var numbers = new float[source.Shapes[name].Aggregate(1L, (product, size) => product * size)];
        source.ReadFloat32(name, numbers);
        return numbers;
    }

    private static string Write(string path, string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)json.Length), .. json, .. data]);
        return path;
    }

    private static string Repeat(string hex, int times) => string.Concat(Enumerable.Repeat(hex, times));
}
