using System.Text.Json;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Training;

namespace ProxyReward.Tests.Training;

public sealed class PreferenceLineTests
{
    [Theory]
    [InlineData(
        PreferenceFormat.Trl,
        """{"prompt":[{"role":"user","content":"Write about \"Ypern\"."}],"chosen":[{"role":"assistant","content":"Größer.\nYes."}],"rejected":[{"role":"assistant","content":"No."}]}""")]
    [InlineData(PreferenceFormat.LlamaFactory, """{"instruction":"Write about \"Ypern\".","input":"","chosen":"Größer.\nYes.","rejected":"No."}""")]
    [InlineData(
        PreferenceFormat.OpenAI,
        """{"input":{"messages":[{"role":"user","content":"Write about \"Ypern\"."}]},"preferred_output":[{"role":"assistant","content":"Größer.\nYes."}],"non_preferred_output":[{"role":"assistant","content":"No."}]}""")]
    public void A_pair_is_the_line_that_the_other_program_documents(PreferenceFormat format, string line)
    {
        var pair = new TrainingPair(
            new MetaQuestion("q", "place", "Write about \"Ypern\".", []), Answer(0, "Größer.\nYes."), Answer(1, "No."));
        Assert.Equal(line, JsonSerializer.Serialize(PreferenceLine.Of(pair, format), Json.Line));
    }

    private static Response Answer(int index, string text) => new("q", index, text, [1, 2], 2, false, text);
}
