using System.Globalization;
using System.Text.Json;
using ProxyReward.Models.ChatTemplates;
using ProxyReward.Models.ChatTemplates.Values;
using ProxyReward.Models.Tests.Tokenization;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.ChatTemplates;

public sealed class ChatTemplateReferenceTests
{
    [Fact]
    public void Chats_render_as_transformers_renders_them()
    {
        var differences = new Differences();
        foreach (var line in TokenizerFixtures.Lines(FixtureRoot.Require("chat-templates"), "corpus.jsonl"))
        {
            var request = Request(line);
            Compare(differences, line, () => ChatTemplate.Parse(line.GetProperty("template").GetString()!).Render(request));
        }

        differences.AssertNone();
    }

    [Fact]
    public void Every_feature_of_Jinja_renders_as_Jinja_renders_it()
    {
        var differences = new Differences();
        foreach (var line in TokenizerFixtures.Lines(FixtureRoot.Require("chat-templates"), "features.jsonl"))
        {
            Compare(differences, line, () => ChatTemplate.Parse(line.GetProperty("template").GetString()!).Render(Now(line), scope =>
            {
                foreach (var variable in line.GetProperty("vars").EnumerateObject())
                {
                    scope.Set(variable.Name, JsonValues.From(variable.Value));
                }
            }));
        }

        differences.AssertNone();
    }

    [Fact]
    public void The_template_of_a_checkpoint_renders_with_its_special_tokens_to_the_ids_of_apply_chat_template()
    {
        FixtureRoot.Require("tokenizers"); // the sets that ship have no chats
        var differences = new Differences();
        foreach (var folder in TokenizerFixtures.Folders)
        {
            var template = ChatTemplate.Load(TokenizerFixtures.Home(folder));
            foreach (var line in TokenizerFixtures.Lines(folder, "chat.jsonl"))
            {
                Compare(differences, line, () => template!.Render(Request(line)));
                if (line.TryGetProperty("ids", out var ids) && ids.ValueKind == JsonValueKind.Array)
                {
                    differences.Compare($"{Path.GetFileName(folder)} {line.GetProperty("name")}", TokenizerFixtures.Ids(ids), TokenizerFixtures.Tokenizer(folder).Encode(template!.Render(Request(line))));
                }
            }
        }

        differences.AssertNone();
    }

    private static void Compare(Differences differences, JsonElement line, Func<string> render)
    {
        var name = line.GetProperty("name").GetString()!;
        var error = line.TryGetProperty("error", out var found) && found.ValueKind == JsonValueKind.Object ? found : (JsonElement?)null;
        try
        {
            var rendered = render();
            differences.Compare(name, error is null ? line.GetProperty("rendered").GetString() : $"error: {error}", rendered);
        }
        catch (RequestException e)
        {
            // Only the template's own refusals are worth comparing word for word.
            var raised = error?.GetProperty("kind").GetString() == "raise_exception" ? error?.GetProperty("message").GetString() : null;
            differences.Compare(name, error is null ? line.GetProperty("rendered").GetString() : raised ?? e.Message, raised is null ? e.Message : e.InnerException!.Message);
        }
    }

    private static ChatRequest Request(JsonElement line) => new()
    {
        Messages = line.GetProperty("messages"),
        AddGenerationPrompt = line.GetProperty("add_generation_prompt").GetBoolean(),
        Tools = Optional(line, "tools"),
        Documents = Optional(line, "documents"),
        Variables = line.GetProperty("vars").EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value),
        Now = Now(line),
    };

    private static JsonElement? Optional(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static DateTime? Now(JsonElement line) =>
        line.TryGetProperty("now", out var now) && now.ValueKind == JsonValueKind.String ? DateTime.Parse(now.GetString()!, CultureInfo.InvariantCulture) : null;
}
