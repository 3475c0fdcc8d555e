using ProxyReward.Clients.Prompts;

namespace ProxyReward.Clients.Tests.Prompts;

public sealed class PromptTests
{
    public static TheoryData<string> Names => [.. Prompt.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_prompt_has_its_sections_and_a_hash_of_its_own(string name)
    {
        var prompt = Prompt.Load(name);
        Assert.Matches("^[0-9a-f]{16}$", prompt.Hash);
        Assert.Single(Prompt.Names, other => Prompt.Load(other).Hash == prompt.Hash);
    }

    [Fact]
    public void A_file_in_a_folder_goes_before_the_built_in_one_and_changes_the_hash()
    {
        var folder = Directory.CreateTempSubdirectory("prompts").FullName;
        File.WriteAllText(Path.Combine(folder, "meta-questions.md"), "# system\n\nBe brief.\n\n# user\n\n{{count}} about {{domain}}\n# not a heading\n");
        var own = Prompt.Load("meta-questions", folder);
        var messages = own.Fill(new Dictionary<string, string> { ["count"] = "3", ["domain"] = "{{count}} cats" });
        Assert.Equal(["Be brief.", "3 about {{count}} cats\n# not a heading"], messages.Select(message => message.Text));
        Assert.NotEqual(Prompt.Load("meta-questions").Hash, own.Hash);
        Assert.Equal(Prompt.Load("proxy-questions").Hash, Prompt.Load("proxy-questions", folder).Hash);
        Assert.Contains("{{domain}}", Assert.Throws<RequestException>(() => own.Fill(new Dictionary<string, string> { ["count"] = "3" })).Message);
        File.WriteAllText(Path.Combine(folder, "meta-questions.md"), "Just a text.");
        Assert.Contains("meta-questions.md", Assert.Throws<RequestException>(() => Prompt.Load("meta-questions", folder)).Message);
        File.Move(Path.Combine(folder, "meta-questions.md"), Path.Combine(folder, "meta-question.md"));
        Assert.Contains("meta-question.md: there is no prompt of this name", Assert.Throws<RequestException>(() => Prompt.Load("negate", folder)).Message);
        Directory.Delete(folder, recursive: true);
        Assert.Throws<RequestException>(() => Prompt.Load("meta-questions", folder));
        Assert.Contains("proxy-questions", Assert.Throws<RequestException>(() => Prompt.Load("no-such")).Message);
    }
}
