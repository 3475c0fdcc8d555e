using System.Text.Json;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Tests.Training;

public sealed class PreferenceFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(PreferenceFormat.Trl)]
    [InlineData(PreferenceFormat.LlamaFactory)]
    [InlineData(PreferenceFormat.OpenAI)]
    public void What_is_exported_is_read_again(PreferenceFormat format)
    {
        var pair = new TrainingPair(new MetaQuestion("q", "place", "Write about \"Ypern\".", []), Answer(0, "Größer.\nYes."), Answer(1, "No."));
        var example = Assert.IsType<ChatExample>(One(JsonSerializer.Serialize(PreferenceLine.Of(pair, format), Json.Line)));
        Same([("user", "Write about \"Ypern\".")], example.Prompt);
        Same([("assistant", "Größer.\nYes.")], example.Chosen);
        Same([("assistant", "No.")], example.Rejected);
        Assert.Equal(folder["pairs.jsonl"] + ":1", example.Place);
    }

    [Theory]
    [InlineData("""{"prompt":[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"C"}],"chosen":[{"role":"assistant","content":"+"}],"rejected":[{"role":"assistant","content":"-"}]}""")]
    [InlineData("""{"chosen":[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"C"},{"role":"assistant","content":"+"}],"rejected":[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"C"},{"role":"assistant","content":"-"}]}""")]
    [InlineData("""{"prompt":"A","chosen":[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"C"},{"role":"assistant","content":"+"}],"rejected":[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"C"},{"role":"assistant","content":"-"}]}""")]
    [InlineData("""{"instruction":"C","input":"","system":"S","history":[["A","B"]],"chosen":"+","rejected":"-"}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"A"},{"from":"gpt","value":"B"},{"from":"human","value":"C"}],"system":"S","chosen":{"from":"gpt","value":"+"},"rejected":{"from":"gpt","value":"-"}}""")]
    [InlineData("""{"messages":[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"C"}],"chosen":{"role":"assistant","content":"+"},"rejected":{"role":"assistant","content":"-"}}""")]
    [InlineData("""{"input":{"messages":[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":[{"type":"text","text":"C"}]}],"tools":[]},"preferred_output":[{"role":"assistant","content":"+"}],"non_preferred_output":[{"role":"assistant","content":"-"}]}""")]
    public void Every_form_holds_systems_and_earlier_turns(string line)
    {
        var example = Assert.IsType<ChatExample>(One(line));
        Same([("system", "S"), ("user", "A"), ("assistant", "B"), ("user", "C")], example.Prompt);
        Same([("assistant", "+")], example.Chosen);
        Same([("assistant", "-")], example.Rejected);
    }

    [Fact]
    public void The_input_of_an_instruction_stands_below_it() =>
        Same([("user", "Translate.\nJa")], Assert.IsType<ChatExample>(One("""{"instruction":"Translate.","input":"Ja","chosen":"Yes","rejected":"No"}""")).Prompt);

    [Theory]
    [InlineData("""{"prompt":"The sky is","chosen":" blue.","rejected":" green."}""", "The sky is", " blue.", " green.")]
    [InlineData("""{"chosen":"The sky is blue.","rejected":"The sky is green."}""", "The sky is", " blue.", " green.")] // TRL: the space goes to the answers
    [InlineData("""{"chosen":"\n\nHuman: Who?\n\nAssistant: It is.","rejected":"\n\nHuman: Who?\n\nAssistant: I do."}""", "\n\nHuman: Who?\n\nAssistant:", " It is.", " I do.")] // ours: so do the letters that two words share
    [InlineData("""{"chosen":"A word: Interesting","rejected":"A word: Internal"}""", "A word:", " Interesting", " Internal")]
    [InlineData("""{"chosen":"Look: 😀","rejected":"Look: 😁"}""", "Look:", " 😀", " 😁")] // the first halves of their pairs of UTF-16 are the same
    [InlineData("""{"chosen":"Say: yes","rejected":"Say: yes, sir"}""", "Say:", " yes", " yes, sir")]
    public void Plain_texts_stay_texts(string line, string prompt, string chosen, string rejected)
    {
        var example = Assert.IsType<TextExample>(One(line));
        Assert.Equal((prompt, chosen, rejected), (example.Prompt, example.Chosen, example.Rejected));
    }

    [Fact]
    public void An_array_and_lines_say_the_same()
    {
        const string line = """{"prompt":"a","chosen":"b","rejected":"c"}""";
        File.WriteAllText(folder["pairs.json"], $"\uFEFF \n[{line},\n{line}]");
        File.WriteAllText(folder["pairs.jsonl"], $"{line}\r\n\n{line}");
        var (array, lines) = (PreferenceFile.Read(folder["pairs.json"]), PreferenceFile.Read(folder["pairs.jsonl"]));
        Assert.Equal(lines.Cast<TextExample>().Select(e => e with { FileAndLine = "" }), array.Cast<TextExample>().Select(e => e with { FileAndLine = "" }));
        Assert.Equal([folder["pairs.jsonl"] + ":1", folder["pairs.jsonl"] + ":3"], lines.Select(example => example.Place));
        Assert.Equal([folder["pairs.json"] + ", item 1", folder["pairs.json"] + ", item 2"], array.Select(example => example.Place));
    }

    [Theory]
    [InlineData("not json", "pairs.jsonl:1: this line is not JSON")]
    [InlineData("5", "this is a single value")]
    [InlineData("""{"text":"a"}""", "no known form of a pair has the keys text. Mend it: give prompt, chosen and rejected")]
    [InlineData("""{"prompt":"a","chosen":5,"rejected":"c"}""", "'chosen' is a single value")]
    [InlineData("""{"prompt":[],"chosen":[{"role":"assistant","content":"b"}],"rejected":[{"role":"assistant","content":"c"}]}""", "'prompt' is an empty list")]
    [InlineData("""{"prompt":[{"role":"user","content":"a"}],"chosen":"b","rejected":"c"}""", "'prompt' is a list")]
    [InlineData("""{"prompt":[{"role":"user"}],"chosen":[{"role":"assistant","content":"b"}],"rejected":[{"role":"assistant","content":"c"}]}""", "'prompt': 'content' is missing")]
    [InlineData("""{"chosen":"Yes","rejected":"No"}""", "there is no prompt, and chosen and rejected do not begin with the same word")]
    [InlineData("""{"prompt":"a","chosen":"b","rejected":"c","tools":[{"type":"function"}]}""", "'tools' is part of what the model is shown")]
    [InlineData("""{"prompt":"a","chosen":"b","rejected":"c","images":["a.png"]}""", "'images' is part of what the model is shown")]
    [InlineData("""{"prompt":"a","chosen":"b","rejected":"c","chat_template_kwargs":{"enable_thinking":false}}""", "'chat_template_kwargs' is part of what the model is shown")]
    [InlineData("""{"input":{"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]},"preferred_output":[{"role":"assistant","content":"b"}],"non_preferred_output":[{"role":"assistant","content":"c"}]}""", "'input': 'tools' is part of what the model is shown")]
    [InlineData("""{"\uD800":"a"}""", "holds text that is not Unicode")]
    [InlineData("""{"chosen":[{"role":"assistant","content":"b"}],"rejected":[{"role":"assistant","content":"c"}]}""", "do not begin with the same message")]
    [InlineData("""{"instruction":"a","chosen":"b"}""", "'rejected' is missing")]
    [InlineData("""{"instruction":"a","history":[["b"]],"chosen":"b","rejected":"c"}""", "'history' is no list of turns")]
    [InlineData("""{"conversations":[{"from":"observation","value":"a"}],"chosen":{"from":"gpt","value":"b"},"rejected":{"from":"gpt","value":"c"}}""", "'observation' is nobody who speaks here")]
    [InlineData("""{"preferred_output":[{"role":"assistant","content":"b"}],"non_preferred_output":[{"role":"assistant","content":"c"}]}""", "'input' is missing")]
    [InlineData("""{"input":{"messages":[{"role":"user","content":"a"}]},"preferred_output":[{"role":"assistant","tool_calls":[]}],"non_preferred_output":[{"role":"assistant","content":"c"}]}""", "a message calls tools")]
    [InlineData("""{"prompt":"\uD800","chosen":"b","rejected":"c"}""", "holds text that is not Unicode")]
    public void A_line_that_is_no_pair_is_named_with_its_mend(string line, string message)
    {
        var error = Assert.Throws<RequestException>(() => One(line)).Message;
        Assert.StartsWith(folder["pairs.jsonl"] + ":1: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Matches("Mend it: |Correct it: ", error);
    }

    [Theory]
    [InlineData("""{"prompt":"a","chosen":"b","rejected":"c","tools":null,"images":[],"chat_template_kwargs":{}}""")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"chosen":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"rejected":[{"role":"user","content":"a"},{"role":"assistant","content":"c"}]}""")]
    public void Columns_that_say_nothing_more_are_let_through(string line)
    {
        var example = One(line);
        Assert.Equal(("b", "c"), (example.ChosenText, example.RejectedText));
    }

    [Fact]
    public void A_key_that_is_not_UTF_8_is_named_with_its_line()
    {
        File.WriteAllBytes(folder["pairs.jsonl"], [.. "{\"a"u8, 0xff, .. "\":1}\n"u8]);
        Assert.StartsWith(folder["pairs.jsonl"] + ":1: ", Assert.Throws<RequestException>(() => PreferenceFile.Read(folder["pairs.jsonl"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_an_error_is_the_one_in_the_file()
    {
        File.WriteAllText(folder["pairs.jsonl"], "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n\n{\"prompt\":\"a\"}\n");
        Assert.Contains("pairs.jsonl:3: ", Assert.Throws<RequestException>(() => PreferenceFile.Read(folder["pairs.jsonl"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    [InlineData("[]")]
    public void A_file_without_pairs_is_refused(string text)
    {
        File.WriteAllText(folder["pairs.jsonl"], text);
        Assert.Contains("holds no pair", Assert.Throws<RequestException>(() => PreferenceFile.Read(folder["pairs.jsonl"])).Message, StringComparison.Ordinal);
    }

    private static void Same(IEnumerable<(string Role, string Content)> expected, IReadOnlyList<Message> messages) =>
        Assert.Equal(expected, messages.Select(message => (message.Role, message.Content)));

    private TrainingExample One(string line)
    {
        File.WriteAllText(folder["pairs.jsonl"], line + "\n");
        return Assert.Single(PreferenceFile.Read(folder["pairs.jsonl"]));
    }

    private static Response Answer(int index, string text) => new("q", index, text, [1, 2], 2, false, text);
}
