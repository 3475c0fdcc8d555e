using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Policies;
using ProxyReward.Responses;
using ProxyReward.Testing;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Policies;

/// <summary>What reaches the chat template of a checkpoint, with the weights and the tokenizer of a pocket model.</summary>
public sealed class LocalModelChatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public LocalModelChatTests()
    {
        foreach (var file in Directory.EnumerateFiles(Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket")).Order(StringComparer.Ordinal).First()))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Special_tokens_are_those_of_the_tokenizer_whatever_ends_a_generation()
    {
        // As Qwen's and Llama 3's: the first of several ids that end a generation is not the token that the template calls eos_token.
        Edit("generation_config.json", json => json["eos_token_id"] = new JsonArray(0, 2));
        Edit("config.json", json => json["bos_token_id"] = 2);
        Template("[{{ bos_token }}][{{ eos_token }}][{{ pad_token }}][{{ unk_token is defined }}]");
        Assert.Equal("[<|endoftext|>][<|im_end|>][<|endoftext|>][False]", Prompt());
    }

    [Fact]
    public void A_failure_is_told_of_the_file_with_the_template()
    {
        Template("\n{{ messages[0].nothing.more }}");
        Assert.StartsWith($"{folder["chat_template.jinja"]}:2:23: ", Assert.Throws<RequestException>(() => Prompt()).Message, StringComparison.Ordinal);
        File.Delete(folder["chat_template.jinja"]);
        Edit("tokenizer_config.json", json => json["chat_template"] = "{{ nothing.more }}");
        Assert.StartsWith($"{folder["tokenizer_config.json"]} (chat_template):1:", Assert.Throws<RequestException>(() => Prompt()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_template_is_told_the_day_and_the_variables_of_the_recipe()
    {
        Template("{{ strftime_now('%d %b %Y') }} {{ enable_thinking }} {{ messages[0].content }}");
        var told = new ChatTemplateOptions
        {
            Now = new DateTime(2026, 1, 31),
            Variables = new Dictionary<string, JsonElement> { ["enable_thinking"] = JsonSerializer.SerializeToElement(false) },
        };
        Assert.Equal("31 Jan 2026 False Hi", Prompt(told));
        using var model = LocalModel.Open(folder.Path, torch.ScalarType.Float32, told);
        Assert.Equal(("31 Jan 2026 False ", ""), model.Frame);
    }

    [Fact]
    public void A_policy_refuses_what_its_template_does_not_look_at()
    {
        Template("{{ enable_thinking }}");
        var told = new ChatTemplateOptions { Variables = new Dictionary<string, JsonElement> { ["enable_thinkng"] = JsonSerializer.SerializeToElement(false) } };
        var error = Assert.Throws<RequestException>(() => new LocalPolicyLoader().Load(folder.Path, ComputePrecision.Fp32, told));
        Assert.StartsWith("chat.variables.enable_thinkng: ", error.Message, StringComparison.Ordinal);
    }

    private void Template(string jinja) => File.WriteAllText(folder["chat_template.jinja"], jinja);

    private void Edit(string name, Action<JsonObject> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(folder[name]))!.AsObject();
        edit(json);
        File.WriteAllText(folder[name], json.ToJsonString());
    }

    private string Prompt(ChatTemplateOptions? told = null)
    {
        using var model = LocalModel.Open(folder.Path, torch.ScalarType.Float32, told);
        return model.Tokenizer.Decode(model.Prompt("Hi"));
    }
}
