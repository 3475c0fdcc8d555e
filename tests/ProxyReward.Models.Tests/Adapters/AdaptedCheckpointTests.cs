using System.Text.Json.Nodes;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Tests.Checkpoints;
using ProxyReward.Models.Transformer;
using TorchSharp;

namespace ProxyReward.Models.Tests.Adapters;

/// <summary>Adapter folders opened as models, against what PEFT made of them.</summary>
public sealed class AdaptedCheckpointTests : IDisposable
{
    private readonly TestFolder folder = new();

    public static TheoryData<string> All => LoraAdapterTests.All;

    private HubOptions Hub => new() { Endpoint = new Uri("http://localhost/"), Cache = folder["hub"] };

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(All))]
    public void An_adapter_is_opened_as_its_base_with_the_adapter_merged(string relative)
    {
        var adapter = ModelFixtures.Path(relative);
        using var model = Checkpoint.Open(adapter);
        using var merged = Checkpoint.Open(Path.Combine(adapter, "merged"));
        Assert.Equal(merged.Tensors.Shapes.Keys.Order(StringComparer.Ordinal), model.Tensors.Shapes.Keys.Order(StringComparer.Ordinal));
        foreach (var name in merged.Tensors.Shapes.Keys)
        {
            Assert.All(SafetensorsFolderTests.Read(merged.Tensors, name).Zip(SafetensorsFolderTests.Read(model.Tensors, name)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }

        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(adapter, "adapter_config.json")));
        Assert.Equal(json.RootElement.GetProperty("r").GetInt32(), model.Adapter!.Lora.Rank);
        Assert.Equal(Path.GetFullPath(Path.Combine(adapter, json.RootElement.GetProperty("base_model_name_or_path").GetString()!)), Path.GetFullPath(model.Adapter.Base));
    }

    [Theory, MemberData(nameof(All))]
    public void Its_logits_are_PEFTs(string relative)
    {
        var adapter = ModelFixtures.Path(relative);
        using var checkpoint = Checkpoint.Open(adapter);
        using var model = new LanguageModel(checkpoint.Config, Parameters.Load(new ParameterLayout(checkpoint.Config), checkpoint.Tensors, adapter, torch.ScalarType.Float32));
        using var numbers = SafetensorsFolder.Open(Path.Combine(adapter, "expected.safetensors"));
        var compared = 0;
        foreach (var name in numbers.Shapes.Keys.Where(name => name.EndsWith(".logits", StringComparison.Ordinal) && numbers.Shapes.ContainsKey(name.Replace(".logits", ".ids", StringComparison.Ordinal))))
        {
            var ids = name.Replace(".logits", ".ids", StringComparison.Ordinal);
            var tokens = new long[numbers.Shapes[ids].Aggregate(1L, (product, size) => product * size)];
            numbers.ReadInt64(ids, tokens);
            using var hidden = model.Forward(new PackedBatch([[.. tokens.Select(id => (int)id)]]));
            using var logits = model.Head.Logits(hidden);
            Assert.All(SafetensorsFolderTests.Read(numbers, name).Zip(Rows.Floats(logits).ToArray()), pair => Assert.Equal(pair.First, pair.Second, 2e-4f));
            compared++;
        }

        Assert.NotEqual(0, compared);
    }

    [Fact]
    public void Its_base_is_found_beside_it_from_the_working_directory_or_in_the_cache_of_the_Hub()
    {
        var (adapter, model) = AdapterAndBase();
        CopyFolder(model, folder["models/base"]);
        CopyFolder(model, folder["hub/models--owner--tiny/snapshots/0123456789012345678901234567890123456789"]);
        Directory.CreateDirectory(folder["hub/models--owner--tiny/refs"]);
        File.WriteAllText(folder["hub/models--owner--tiny/refs/main"], "0123456789012345678901234567890123456789");
        CopyFolder(adapter, folder["adapter"]);
        foreach (var (name, revision, where) in new[]
        {
            ("../models/base", null, "models/base"),
            (folder["models/base"], null, "models/base"),
            (Path.GetRelativePath(Environment.CurrentDirectory, folder["models/base"]), null, "models/base"),
            ("owner/tiny", null, "hub/models--owner--tiny/snapshots/0123456789012345678901234567890123456789"),
            ("owner/tiny", "0123456789012345678901234567890123456789", "hub/models--owner--tiny/snapshots/0123456789012345678901234567890123456789"),
        })
        {
            Rename(folder["adapter"], name, revision);
            using var opened = Checkpoint.Open(folder["adapter"], Hub);
            Assert.Equal(folder[where], Path.GetFullPath(opened.Adapter!.Base));
        }
    }

    [Theory]
    [InlineData("../absent", null, "'../absent', and there is no such path; name the base yourself: 'models convert BASE --adapter ")]
    [InlineData("owner/absent", null, "fetch it with 'models pull owner/absent', or name the base yourself")]
    [InlineData("owner/absent", "v2", "fetch it with 'models pull owner/absent@v2'")]
    [InlineData(null, null, "'base_model_name_or_path' is missing; name the base yourself")]
    [InlineData(".", null, "adapters name one another as their base")]
    public void A_base_that_is_not_there_is_named_with_the_mend(string? name, string? revision, string message)
    {
        CopyFolder(AdapterAndBase().Adapter, folder["adapter"]);
        Rename(folder["adapter"], name, revision);
        var error = Assert.Throws<RequestException>(() => Checkpoint.Open(folder["adapter"], Hub)).Message;
        Assert.StartsWith(folder["adapter"], error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_of_another_model_is_refused_with_the_names_that_do_not_fit()
    {
        var (adapter, _) = AdapterAndBase();
        using var of = Checkpoint.Open(adapter);
        var other = ModelFixtures.Folders.Select(row => row.Data).First(relative =>
            ConfigReader.Read(ModelFixtures.Path(relative)) is var config && (config.KeyValueHeads * config.HeadDim) != (of.Config.KeyValueHeads * of.Config.HeadDim));
        var error = Assert.Throws<RequestException>(() => Checkpoint.Open(ModelFixtures.Path(other)).With(adapter)).Message;
        Assert.Contains(".self_attn.v_proj.lora_B.weight is [", error, StringComparison.Ordinal);
        Assert.Contains("merge the adapter into the model that it was trained on", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_a_model_and_an_adapter_is_neither()
    {
        var (adapter, model) = AdapterAndBase();
        CopyFolder(model, folder["both"]);
        File.Copy(Path.Combine(adapter, "adapter_config.json"), folder["both/adapter_config.json"]);
        Assert.Contains("holds both a whole model and an adapter", Assert.Throws<RequestException>(() => Checkpoint.Open(folder["both"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_adapter_or_has_no_safetensors_is_named()
    {
        var (adapter, model) = AdapterAndBase();
        Assert.Contains("is no PEFT adapter, it has no adapter_config.json", Assert.Throws<RequestException>(() => Checkpoint.Open(model).With(model)).Message, StringComparison.Ordinal);
        CopyFolder(adapter, folder["adapter"]);
        File.Move(folder["adapter/adapter_model.safetensors"], folder["adapter/adapter_model.bin"]);
        Assert.Contains("convert the checkpoint to safetensors", Assert.Throws<RequestException>(() => Checkpoint.Open(model).With(folder["adapter"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_on_an_adapter_is_merged_after_it()
    {
        var (adapter, model) = AdapterAndBase();
        CopyFolder(adapter, folder["first"]);
        CopyFolder(adapter, folder["second"]);
        Rename(folder["first"], model, null);
        Rename(folder["second"], "../first", null);
        using var twice = Checkpoint.Open(folder["second"]);
        using var once = Checkpoint.Open(folder["first"]);
        using var start = Checkpoint.Open(model);
        var name = twice.Tensors.Shapes.Keys.First(name => once.Tensors.StoredType(name) == "F32" && name.Contains("v_proj.weight", StringComparison.Ordinal));
        var (before, between, after) = (SafetensorsFolderTests.Read(start.Tensors, name), SafetensorsFolderTests.Read(once.Tensors, name), SafetensorsFolderTests.Read(twice.Tensors, name));
        Assert.NotEqual(before, between);
        Assert.All(before.Zip(between, after), weight => Assert.Equal(weight.Second - weight.First, weight.Third - weight.Second, 1e-5f));
        Assert.Equal([folder["second"], folder["first"], model], CheckpointLocator.PartsOf(folder["second"]));
    }

    [Fact]
    public void Tokenizer_and_chat_template_are_the_adapters_where_it_brings_its_own()
    {
        var (adapter, model) = AdapterAndBase();
        CopyFolder(model, folder["base"]);
        CopyFolder(adapter, folder["adapter"]);
        Rename(folder["adapter"], "../base", null);
        File.WriteAllText(folder["base/chat_template.jinja"], "of the base");
        Assert.Equal("of the base", TemplateOf("adapter"));
        File.WriteAllText(folder["adapter/tokenizer.json"], "{}");
        File.WriteAllText(folder["adapter/chat_template.jinja"], "of the adapter");
        Assert.Equal("of the adapter", TemplateOf("adapter"));

        string? TemplateOf(string name)
        {
            using var opened = Checkpoint.Open(folder[name]);
            return opened.ChatTemplate;
        }
    }

    [Fact]
    public void What_is_written_names_the_base_by_its_id_and_the_modules_one_by_one()
    {
        var (_, model) = AdapterAndBase();
        using var opened = Checkpoint.Open(model);
        var config = new LoraConfig { Rank = 2, Alpha = 4, TargetModules = [LoraConfig.AllLinear] };
        using var adapter = LoraAdapter.Start(config, new ParameterLayout(opened.Config), torch.ScalarType.Float32, seed: 1);
        adapter.Save(folder["hub-adapter"], folder["hub/models--owner--my-model/snapshots/0123456789012345678901234567890123456789"]);
        adapter.Save(folder["path-adapter"], Path.GetRelativePath(Environment.CurrentDirectory, model));

        var hub = Json("hub-adapter");
        Assert.Equal(("owner/my-model", "0123456789012345678901234567890123456789"), ((string?)hub["base_model_name_or_path"], (string?)hub["revision"]));
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], hub["target_modules"]!.AsArray().Select(name => (string)name!));
        Assert.Equal((Path.GetFullPath(model), (string?)null), ((string?)Json("path-adapter")["base_model_name_or_path"], (string?)Json("path-adapter")["revision"]));
        using var again = Checkpoint.Open(folder["path-adapter"]);
        Assert.Equal(7, again.Adapter!.Lora.TargetModules.Count);

        JsonNode Json(string name) => JsonNode.Parse(File.ReadAllText(folder[$"{name}/adapter_config.json"]))!;
    }

    // One that changes v_proj, and its base; absolute.
    private static (string Adapter, string Base) AdapterAndBase()
    {
        var relative = All.Select(row => row.Data).FirstOrDefault(name => name.Length > 0 && PeftFolder.ReadConfig(ModelFixtures.Path(name)).TargetModules.Contains("v_proj")) ?? "";
        var adapter = ModelFixtures.Path(relative);
        return (adapter, Path.GetFullPath(CheckpointLocator.PartsOf(adapter)[1]));
    }

    private static void Rename(string adapter, string? name, string? revision)
    {
        var path = Path.Combine(adapter, "adapter_config.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        (json["base_model_name_or_path"], json["revision"]) = (name, revision);
        File.WriteAllText(path, json.ToJsonString());
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(file => !Path.GetFileName(file).StartsWith("expected", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
