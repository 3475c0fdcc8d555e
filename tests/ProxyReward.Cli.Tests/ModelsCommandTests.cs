using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Tokenization;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();
    private readonly Dictionary<string, string> variables;

    public ModelsCommandTests() => variables = new(StringComparer.Ordinal) { ["HF_HOME"] = folder["hub"] };

    private string Printed => output.ToString().TrimEnd('\n');

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Inspect_says_what_a_checkpoint_is()
    {
        var path = Folder();
        Assert.Equal(0, await Run("models", "inspect", path, "--length", "10", "--batch", "3"));
        using var checkpoint = Checkpoint.Open(path);
        Assert.Contains($"path        {path}\nformat      safetensors\nfamily      {checkpoint.Config.Family}\n", Printed, StringComparison.Ordinal);
        Assert.Contains($"parameters  {Numbers(checkpoint):N0}\n", Printed, StringComparison.Ordinal);
        Assert.Contains("memory      for 3 sequences of 10 tokens: ", Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_as_JSON_counts_in_numbers_and_bytes()
    {
        var path = Gguf();
        Assert.Equal(0, await Run("models", "inspect", path, "--json"));
        using var checkpoint = Checkpoint.Open(path);
        using var json = JsonDocument.Parse(Printed);
        Assert.Equal("GGUF", json.RootElement.GetProperty("format").GetString());
        Assert.Equal(checkpoint.Config.HiddenSize, json.RootElement.GetProperty("shape").GetProperty("hidden_size").GetInt32());
        Assert.Equal(Numbers(checkpoint), json.RootElement.GetProperty("precision").EnumerateArray().Sum(stored => stored.GetProperty("parameters").GetInt64()));
        var expected = CheckpointSummary.Of(checkpoint, 1024, 4);
        Assert.Equal(expected.Sampling.Peak, json.RootElement.GetProperty("sampling").GetProperty("peak").GetInt64());
        Assert.Equal(expected.Training.Peak, json.RootElement.GetProperty("training").GetProperty("peak").GetInt64());
        Assert.Equal(expected.LoraTraining.Peak, json.RootElement.GetProperty("lora_training").GetProperty("peak").GetInt64());
    }

    [Fact]
    public async Task Inspect_says_how_a_model_reads_and_writes_text()
    {
        var path = Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket"), "model-*").Order(StringComparer.Ordinal).First();
        using var settings = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "tokenizer_config.json")));
        var tokenizer = Tokenizer.Load(path);
        string Named(string key) => settings.RootElement.GetProperty(key).GetString() is { } text ? $"{tokenizer.TokenToId(text)} \"{text}\"" : "";
        Assert.Equal(0, await Run("models", "inspect", path));
        Assert.Contains($"tokenizer   byte-level BPE, {tokenizer.VocabSize:N0} ids, {tokenizer.AddedTokens.Count} of them added; splits text as ", Printed, StringComparison.Ordinal);
        Assert.Contains($"special     bos {Named("bos_token")}, eos {Named("eos_token")}, pad {Named("pad_token")}; stops at {Named("eos_token")}\n", Printed, StringComparison.Ordinal);
        Assert.Contains($"chat        a template of {settings.RootElement.GetProperty("chat_template").GetString()!.Length} characters\n", Printed, StringComparison.Ordinal);

        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("models", "inspect", Folder()));
        Assert.Contains("tokenizer   cannot be given text: ", Printed, StringComparison.Ordinal);
        Assert.Contains("chat        cannot be asked: there is no chat template\n", Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_says_what_an_encoder_is()
    {
        var encoders = Directory.EnumerateFiles(FixtureRoot.Require("encoders"), "config.json", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!).ToList();
        Assert.NotEmpty(encoders);
        foreach (var path in encoders)
        {
            output.GetStringBuilder().Clear();
            Assert.Equal(0, await Run("models", "inspect", path));
            using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "config.json")));
            var labels = config.RootElement.GetProperty("id2label").EnumerateObject().OrderBy(label => int.Parse(label.Name)).Select(label => label.Value.GetString());
            Assert.Contains($"family      {config.RootElement.GetProperty("model_type")}, a sequence classifier", Printed, StringComparison.Ordinal);
            Assert.Contains($"labels      {string.Join(", ", labels)}\n", Printed, StringComparison.Ordinal);
            Assert.Equal(File.Exists(Path.Combine(path, "tokenizer.json")), !Printed.Contains("tokenizer   cannot be given text: ", StringComparison.Ordinal));
            Assert.EndsWith("reader      entailment", Printed, StringComparison.Ordinal);
            Assert.Equal(2, await Run("models", "inspect", path, "--length", "10"));
            Assert.Contains("--length: ", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Convert_goes_to_a_folder_and_back_without_a_bit_lost()
    {
        var path = Gguf();
        Assert.Equal(0, await Run("models", "convert", path, "--to", folder["made/model"], "--type", "f32"));
        Assert.Equal(folder["made/model"], Printed);
        Assert.Equal(0, await Run("models", "convert", folder["made/model"], "--to", folder["back.gguf"], "--type", "f32"));
        using var original = Checkpoint.Open(path);
        using var between = Checkpoint.Open(folder["made/model"]);
        using var back = Checkpoint.Open(folder["back.gguf"]);
        foreach (var name in original.Tensors.Shapes.Keys)
        {
            Assert.Equal(Read(original, name), Read(between, name));
            Assert.Equal(Read(original, name), Read(back, name));
        }

        Assert.True(Tokenizer.Load(between.TokenizerPath!).VocabSize > 0);
        Assert.Equal(original.ChatTemplate, back.ChatTemplate);
        Assert.Equal(["model"], Directory.GetFileSystemEntries(folder["made"]).Select(Path.GetFileName));
    }

    public static TheoryData<string> Adapters => FixtureRoot.Find("models") is { } root
        ? [.. Directory.EnumerateFiles(root, "adapter_config.json", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!)
            .Where(path => Directory.Exists(Path.Combine(path, "merged"))).Order(StringComparer.Ordinal)]
        : [""];

    [Theory, MemberData(nameof(Adapters))]
    public async Task Inspect_says_what_an_adapter_is_and_what_it_is_on(string adapter)
    {
        Assert.SkipWhen(adapter.Length == 0, "there are no fixtures 'models'");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(adapter, "adapter_config.json")));
        Assert.Equal(0, await Run("models", "inspect", adapter));
        var lora = json.RootElement.GetProperty("use_rslora").GetBoolean() ? "rsLoRA" : "LoRA";
        var targets = string.Join(", ", json.RootElement.GetProperty("target_modules").EnumerateArray());
        var start = Path.GetFullPath(Path.Combine(adapter, json.RootElement.GetProperty("base_model_name_or_path").GetString()!));
        Assert.Contains(
            $"format      PEFT adapter\nbase        {start}\nadapter     {lora} of rank {json.RootElement.GetProperty("r")}, alpha {json.RootElement.GetProperty("lora_alpha")}, on {targets}; ",
            Printed,
            StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Adapters))]
    public async Task Convert_merges_an_adapter_into_the_base_that_it_names_or_that_is_named(string adapter)
    {
        Assert.SkipWhen(adapter.Length == 0, "there are no fixtures 'models'");
        using var adapted = Checkpoint.Open(adapter);
        Assert.Equal(0, await Run("models", "convert", adapter, "--to", folder["named"], "--type", "f32"));
        Assert.Equal(0, await Run("models", "convert", adapted.Adapter!.Base, "--adapter", adapter, "--to", folder["given"], "--type", "f32"));
        using var expected = Checkpoint.Open(Path.Combine(adapter, "merged"));
        using var named = Checkpoint.Open(folder["named"]);
        using var given = Checkpoint.Open(folder["given"]);
        foreach (var name in expected.Tensors.Shapes.Keys)
        {
            Assert.All(Read(expected, name).Zip(Read(named, name)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            Assert.Equal(Read(named, name), Read(given, name));
        }
    }

    [Theory, MemberData(nameof(Adapters))]
    public async Task A_GGUF_takes_an_adapter_as_well_and_gives_one(string adapter)
    {
        Assert.SkipWhen(adapter.Length == 0, "there are no fixtures 'models'");
        using var adapted = Checkpoint.Open(adapter);
        var source = $"{Path.GetFileName(adapted.Adapter!.Base)}.F32.gguf";
        var gguf = Directory.EnumerateFiles(FixtureRoot.Require("models"), source, SearchOption.AllDirectories).FirstOrDefault();
        Assert.SkipWhen(gguf is null, $"the fixtures 'models' hold no {source}");
        Assert.Equal(0, await Run("models", "convert", gguf!, "--adapter", adapter, "--to", folder["merged.GGUF"], "--type", "f32"));
        using var expected = Checkpoint.Open(Path.Combine(adapter, "merged"));
        using var merged = Checkpoint.Open(folder["merged.GGUF"]);
        Assert.Equal("GGUF", merged.Format);
        foreach (var name in expected.Tensors.Shapes.Keys)
        {
            Assert.All(Read(expected, name).Zip(Read(merged, name)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public async Task A_name_that_ends_in_safetensors_is_no_target()
    {
        Assert.Equal(2, await Run("models", "convert", Folder(), "--to", folder["model.safetensors"]));
        Assert.Contains("name the folder, or a file that ends in .gguf", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model.gguf")]
    public async Task A_conversion_that_fails_half_way_leaves_nothing(string to)
    {
        // Weights that turn out to be no floating-point numbers once they are read.
        var start = Directory.CreateDirectory(folder["start"]).FullName;
        var pocket = Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket"), "model-*").Order(StringComparer.Ordinal).First();
        foreach (var file in Directory.EnumerateFiles(pocket))
        {
            var bytes = File.ReadAllBytes(file);
            if (file.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                var last = bytes.AsSpan(0, 8 + (int)BitConverter.ToInt64(bytes)).LastIndexOf("\"BF16\""u8);
                "\"I16\" "u8.CopyTo(bytes.AsSpan(last));
            }

            File.WriteAllBytes(Path.Combine(start, Path.GetFileName(file)), bytes);
        }

        Directory.CreateDirectory(folder["out"]);
        Assert.Equal(2, await Run("models", "convert", start, "--to", folder[$"out/{to}"], "--type", "f32"));
        Assert.Contains("its numbers are I16, not floating-point", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder["out"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tensor_of_more_numbers_than_can_be_held_is_refused_by_name(bool tied)
    {
        // 2,200,000 × 1,024 numbers, in a file with a hole in it: it takes no space.
        const long rows = 2_200_000, hidden = 1024;
        File.WriteAllText(folder["config.json"], $$"""
            {"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_act":"silu","hidden_size":{{hidden}},"intermediate_size":1,"num_hidden_layers":1,
            "num_attention_heads":1,"head_dim":2,"vocab_size":{{rows}},"max_position_embeddings":8,"tie_word_embeddings":{{(tied ? "true" : "false")}}}
            """);
        var layer = "model.layers.0.";
        (string Name, long[] Shape)[] tensors =
        [
            ("model.embed_tokens.weight", [rows, hidden]), ("lm_head.weight", [rows, hidden]), ("model.norm.weight", [hidden]),
            (layer + "input_layernorm.weight", [hidden]), (layer + "post_attention_layernorm.weight", [hidden]),
            (layer + "self_attn.q_proj.weight", [2, hidden]), (layer + "self_attn.k_proj.weight", [2, hidden]), (layer + "self_attn.v_proj.weight", [2, hidden]),
            (layer + "self_attn.o_proj.weight", [hidden, 2]), (layer + "mlp.gate_proj.weight", [1, hidden]), (layer + "mlp.up_proj.weight", [1, hidden]),
            (layer + "mlp.down_proj.weight", [hidden, 1]),
        ];
        var offset = 0L;
        var header = JsonSerializer.SerializeToUtf8Bytes(tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            var begin = offset;
            offset += 2 * tensor.Shape.Aggregate(1L, (product, size) => product * size);
            return new { dtype = "BF16", shape = tensor.Shape, data_offsets = new[] { begin, offset } };
        }));
        using (var file = File.Create(folder["model.safetensors"]))
        {
            file.Write(BitConverter.GetBytes((long)header.Length));
            file.Write(header);
            file.SetLength(8 + header.Length + offset);
        }

        foreach (var arguments in new[] { (string[])["models", "inspect", folder.Path], ["models", "convert", folder.Path, "--to", folder["out"]] })
        {
            Assert.Equal(2, await Run(arguments));
            Assert.Contains("model.embed_tokens.weight holds 2252800000 numbers", error.ToString(), StringComparison.Ordinal);
        }

        Assert.False(Path.Exists(folder["out"]) || Path.Exists(folder["out.partial"]));
    }

    [Theory]
    [InlineData("F32", null, "folder", "F32")]
    [InlineData("F32", "bf16", "folder", "BF16")]
    [InlineData("F32", "q8_0", "model.gguf", "Q8_0")]
    [InlineData("Q8_0", null, "model.gguf", "Q8_0")]
    [InlineData("Q4_1", null, "model.gguf", "F32")]
    [InlineData("Q8_0", null, "folder", "F32")]
    public async Task Convert_writes_the_type_that_was_asked_for_or_the_models_own_or_an_exact_one(string stored, string? type, string to, string expected)
    {
        var path = Gguf(stored);
        Assert.Equal(0, await Run([.. (string[])["models", "convert", path, "--to", folder[to]], .. type is null ? (string[])[] : ["--type", type]]));
        using var made = Checkpoint.Open(folder[to]);
        Assert.Equal(expected, CheckpointSummary.Of(made, 1, 1).Precision[0].Type);
    }

    [Fact]
    public async Task Convert_never_writes_over_what_is_there()
    {
        File.WriteAllText(folder["model.gguf"], "precious");
        Assert.Equal(2, await Run("models", "convert", Gguf(), "--to", folder["model.gguf"]));
        Assert.Contains("is there already", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(folder["model.gguf"]));
    }

    [Fact]
    public async Task A_type_that_a_folder_cannot_hold_exits_2_and_leaves_nothing()
    {
        Assert.Equal(2, await Run("models", "convert", Gguf(), "--to", folder["model"], "--type", "q8_0"));
        Assert.Contains("a Hugging Face folder holds f32, f16 or bf16", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Pull_prints_the_snapshot_which_its_id_then_stands_for()
    {
        using var hub = Hub();
        Assert.Equal(0, await Run("models", "pull", "owner/tiny"));
        var snapshot = folder[$"hub/hub/models--owner--tiny/snapshots/{FakeHub.Commit}"];
        Assert.Equal(snapshot, Printed);
        Assert.Matches(@"model\.safetensors: \d+\.\d MB\n", error.ToString());
        output.GetStringBuilder().Clear();
        variables.Remove("HF_ENDPOINT");
        Assert.Equal(0, await Run("models", "inspect", "owner/tiny"));
        Assert.StartsWith($"path        {snapshot}\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_of_one_GGUF_prints_the_file_which_the_id_then_stands_for()
    {
        using var hub = Hub();
        hub.Files["tiny.F32.gguf"] = File.ReadAllBytes(Gguf());
        Assert.Equal(0, await Run("models", "pull", "owner/tiny", "--file", "tiny.F32.gguf"));
        var path = folder[$"hub/hub/models--owner--tiny/snapshots/{FakeHub.Commit}/tiny.F32.gguf"];
        Assert.Equal(path, Printed);
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("models", "inspect", "owner/tiny"));
        Assert.StartsWith($"path        {path}\nformat      GGUF\n", Printed, StringComparison.Ordinal);
        Assert.Equal(0, await Run("models", "pull", "owner/tiny", "--file", "tiny.F32.gguf"));
        Assert.Contains("tiny.F32.gguf: is there, checked\n", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_of_what_the_Hub_refuses_exits_2_and_says_what_to_do()
    {
        using var hub = Hub();
        hub.Refusal = (403, "GatedRepo");
        Assert.Equal(2, await Run("models", "pull", "owner/tiny@main"));
        Assert.Contains("accept the model's terms", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no such file or folder", "models", "inspect", "/absent/model")]
    [InlineData("fetch it with 'models pull owner/absent'", "models", "inspect", "owner/absent")]
    [InlineData("--length: '0' is not a whole number from 1 to", "models", "inspect", "owner/absent", "--length", "0")]
    [InlineData("--batch: '5000' is not a whole number from 1 to 4096", "models", "inspect", "owner/absent", "--batch", "5000")]
    [InlineData("--to", "models", "convert", "owner/absent")]
    [InlineData("no such file or folder", "models", "convert", "/absent/model", "--to", "/absent/other")]
    [InlineData("is no model of the Hub", "models", "pull", "../owner")]
    public async Task A_wrong_request_exits_2_and_says_why(string message, params string[] arguments)
    {
        Assert.Equal(2, await Run(arguments));
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The smallest reference checkpoint in one safetensors file.</summary>
    private static string Folder() => Path.GetDirectoryName(Smallest("model.safetensors"))!;

    /// <summary>The smallest reference model in a GGUF that stores its matrices so.</summary>
    private static string Gguf(string stored = "F32") => Smallest($"*.{stored}.gguf");

    private static string Smallest(string pattern)
    {
        var found = Directory.EnumerateFiles(FixtureRoot.Require("models"), pattern, SearchOption.AllDirectories)
            .OrderBy(file => new FileInfo(file).Length).ThenBy(file => file, StringComparer.Ordinal).FirstOrDefault();
        Assert.SkipWhen(found is null, $"the fixtures 'models' hold no {pattern}");
        return found!;
    }

    private static long Numbers(Checkpoint checkpoint) => checkpoint.Tensors.Shapes.Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size));

    private static float[] Read(Checkpoint checkpoint, string name)
    {
        var numbers = new float[checkpoint.Tensors.Shapes[name].Aggregate(1L, (product, size) => product * size)];
        checkpoint.Tensors.ReadFloat32(name, numbers);
        return numbers;
    }

    private FakeHub Hub()
    {
        var hub = new FakeHub();
        foreach (var file in Directory.EnumerateFiles(Folder()).Where(file => Path.GetFileName(file) is "config.json" or "model.safetensors"))
        {
            hub.Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        }

        variables["HF_ENDPOINT"] = hub.Endpoint.ToString();
        return hub;
    }

    private Task<int> Run(params string[] arguments) =>
        new CommandLine(
            new Composition(new FakePolicyLoader(), (_, _) => throw new NotSupportedException()), run => run, output, error, variables.GetValueOrDefault)
            .RunAsync(arguments, TestContext.Current.CancellationToken);
}
