using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>Files that were damaged at random, always in the same way: whatever comes of them, it is a named error or a checkpoint.</summary>
public sealed class BrokenFileTests
{
    public static TheoryData<string> Files => ModelFixtures.Having(
        "*", file => Path.GetExtension(file) is ".gguf" or ".safetensors" || Path.GetFileName(file) is "config.json" or "adapter_config.json" or "model.safetensors.index.json");

    [Theory, MemberData(nameof(Files))]
    public void A_damaged_file_is_an_error_that_names_it_or_is_read(string relative)
    {
        var path = ModelFixtures.Path(relative);
        var original = File.ReadAllBytes(path);
        var mutations = Math.Clamp(4_000_000 / original.Length, 6, 150); // bounds the bytes that are written and read, which is what takes time
        using var folder = new TestFolder();
        var target = folder[Path.GetFileName(path)];
        for (var i = 0; i < mutations; i++)
        {
            File.WriteAllBytes(target, Damage.Of(original, Draws.Of(1, "damage", relative, i)));
            var error = Bounded.Try(() => ReadAll(target), original.Length);
            Assert.True(error is null or RequestException, $"mutation {i}: {error}");
            Assert.True(error is null || error.Message.Contains(folder.Path, StringComparison.Ordinal), $"mutation {i} names no file: {error?.Message}");
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void A_file_cut_anywhere_in_its_head_is_refused(string relative)
    {
        var path = ModelFixtures.Path(relative);
        var original = File.ReadAllBytes(path);
        using var folder = new TestFolder();
        var target = folder[Path.GetFileName(path)];
        for (var length = 0; length < Math.Min(original.Length - 8, 2000); length += 13)
        {
            File.WriteAllBytes(target, original.AsSpan(0, length));
            Assert.Throws<RequestException>(() => ReadAll(target));
        }
    }

    private static void ReadAll(string path)
    {
        switch (Path.GetExtension(path))
        {
            case ".gguf":
                ReadAllGguf(path);
                break;
            case ".safetensors":
                using (var source = SafetensorsFolder.Open(path))
                {
                    ReadAll(source);
                }

                break;
            default:
                ReadJson(path);
                break;
        }
    }

    private static void ReadJson(string path)
    {
        switch (Path.GetFileName(path))
        {
            case "config.json":
                _ = new ParameterLayout(ConfigReader.Read(Path.GetDirectoryName(path)!));
                break;
            case "adapter_config.json":
                PeftFolder.ReadConfig(Path.GetDirectoryName(path)!);
                break;
            default:
                SafetensorsFolder.Open(path).Dispose();
                break;
        }
    }

    private static void ReadAllGguf(string path)
    {
        using (var file = GgufFile.Open(path))
        {
            foreach (var (name, tensor) in file.Tensors)
            {
                file.ReadFloat32(name, new float[tensor.Elements]);
            }
        }

        using var model = GgufModel.Open(path);
        ReadAll(model);
    }

    private static void ReadAll(ITensorSource source)
    {
        foreach (var (name, shape) in source.Shapes)
        {
            var count = shape.Aggregate(1L, (product, size) => product * size);
            if (source.StoredType(name)[0] is 'I' or 'U')
            {
                ((SafetensorsFolder)source).ReadInt64(name, new long[count]);
            }
            else if (source.StoredType(name) != "BOOL")
            {
                source.ReadFloat32(name, new float[count]);
            }
        }
    }
}
