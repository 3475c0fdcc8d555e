using ProxyReward.Models.ChatTemplates;

namespace ProxyReward.Models.Tests.ChatTemplates;

public sealed class TokenizerConfigTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("template").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_checkpoint_without_a_template_has_none()
    {
        Assert.Null(ChatTemplate.Load(folder));
        Write("tokenizer_config.json", """{"bos_token": "<s>"}""");
        Assert.Null(ChatTemplate.Load(folder));
    }

    [Fact]
    public void Special_tokens_are_texts_or_objects_or_null()
    {
        Write("tokenizer_config.json", """{"bos_token": "<s>", "eos_token": {"content": "</s>", "special": true}, "pad_token": null, "chat_template": "{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}"}""");
        Assert.Equal("<s></s>False", ChatTemplate.Load(folder)!.Render([], false));
    }

    [Fact]
    public void Templates_may_be_a_list_of_names()
    {
        Write("tokenizer_config.json", """{"chat_template": [{"name": "default", "template": "d"}, {"name": "tool_use", "template": "t"}]}""");
        Assert.Equal("d", ChatTemplate.Load(folder)!.Render([], false));
        Assert.Equal("t", ChatTemplate.Load(folder, "tool_use")!.Render([], false));
        Assert.Null(ChatTemplate.Load(folder, "rag"));
    }

    [Fact]
    public void A_template_beside_the_configuration_overrides_it()
    {
        Write("tokenizer_config.json", """{"bos_token": "<s>", "chat_template": "old"}""");
        Write("chat_template.jinja", "{{ bos_token }}new");
        Assert.Equal("<s>new", ChatTemplate.Load(folder)!.Render([], false));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"bos_token": 5}""")]
    [InlineData("""{"chat_template": [{"template": "d"}]}""")]
    [InlineData("""{"chat_template": "{% if %}"}""")]
    [InlineData("""{"chat_template": 5}""")]
    public void A_damaged_configuration_is_named(string json)
    {
        Write("tokenizer_config.json", json);
        Assert.Contains("tokenizer_config.json", Assert.Throws<RequestException>(() => ChatTemplate.Load(folder)).Message);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
}
