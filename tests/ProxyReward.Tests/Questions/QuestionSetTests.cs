using ProxyReward.Questions;

namespace ProxyReward.Tests.Questions;

public sealed class QuestionSetTests : IDisposable
{
    private const string Good =
        """{"id":"q1","domain":"history","meta_question":"Write about Rome.","proxies":[{"id":"q1-1","statement":"Rome is in Italy.","answer":true,"evidence":["in italy",["italy","rome"]],"rationale":"known"}],"source":"ours"}""";

    private readonly string folder = Directory.CreateTempSubdirectory("questions").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_saved_is_read_back_with_fields_this_project_does_not_know()
    {
        var questions = QuestionSet.Load(Write(Good, "", Good.Replace("q1", "q2", StringComparison.Ordinal)));
        var copy = Path.Combine(folder, "deep", "copy.jsonl");
        QuestionSet.Save(copy, questions);
        Assert.Equal($"{Good}\n{Good.Replace("q1", "q2", StringComparison.Ordinal)}\n", File.ReadAllText(copy));
        Assert.False(File.Exists(copy + ".partial"));
        Assert.Equal(["in italy"], questions[0].Proxies[0].Evidence![0].AllOf);
        Assert.Equal("ours", questions[1].Other!["source"].GetString());
    }

    [Theory]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t"}""", "proxies")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[]}""", "has no proxies")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[null]}""", "proxies[0] is null")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":"yes"}]}""", "proxies[0].answer")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":" ","answer":true}]}""", "proxies[0].statement is empty")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[{"id":"q1-1","statement":"s","answer":true}]}""", "'q1-1' was used before, at ")]
    [InlineData("""{"id":"q1","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":true}]}""", "'q1' was used before, at ")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":true,"evidence":[]}]}""", "evidence is empty")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":true,"evidence":["x",["y","{a{b}}"]]}]}""", "out of place")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":true,"evidence":["x",["y","a|b"]]}]}""", "out of place")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":true,"evidence":["x",["y","a b} c"]]}]}""", "out of place")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":true,"evidence":["x",["y","a {b|c"]]}]}""", "out of place")]
    [InlineData("""{"id":null,"domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":true}]}""", "id")]
    [InlineData("""{"id":"q2",""", "Expected")]
    [InlineData("null", "is null")]
    [InlineData("[]", "Expected")]
    public void A_bad_line_is_named_with_its_number_and_key(string line, string expected)
    {
        var path = Write(Good, line);
        var error = Assert.Throws<RequestException>(() => QuestionSet.Load(path));
        Assert.StartsWith($"{path}:2: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("[]", "The value is not what belongs there.")]
    [InlineData("7", "The value is not what belongs there.")]
    [InlineData("""{"id":"q2","domain":"d","meta_question":"t"}""", "There is no 'proxies'.")]
    [InlineData("""{"id":"q2"}""", "There is no 'domain' and no 'meta_question' and no 'proxies'.")]
    [InlineData("""{"id":null,"domain":"d","meta_question":"t","proxies":[]}""", "The value is null, which it must not be.")]
    [InlineData("""{"id":7,"domain":"d","meta_question":"t","proxies":[]}""", "id: The value is not a text in quotes.")]
    [InlineData("""{"id":"q","domain":"d","meta_question":"t","proxies":{}}""", "proxies: The value is not a list.")]
    [InlineData("""{"id":"q","domain":"d","meta_question":"t","proxies":[{"id":"p","statement":"s","answer":"yes"}]}""", "proxies[0].answer: The value is not true or false.")]
    public void A_bad_line_is_told_of_without_the_types_of_the_program(string line, string expected)
    {
        var error = Assert.Throws<RequestException>(() => QuestionSet.Load(Write(line)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ProxyReward.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_optional_number_is_a_number() =>
        Assert.Equal("The value is not a number.", Json.Fault(Assert.Throws<System.Text.Json.JsonException>(() => System.Text.Json.JsonSerializer.Deserialize<decimal?>("\"x\"", Json.Line))));

    [Fact]
    public void An_empty_file_an_absent_file_and_bytes_that_are_not_text_are_refused()
    {
        Assert.Contains("holds no question", Assert.Throws<RequestException>(() => QuestionSet.Load(Write(""))).Message);
        Assert.Contains("no such", Assert.Throws<RequestException>(() => QuestionSet.Load(Path.Combine(folder, "absent"))).Message);
        var binary = Path.Combine(folder, "binary");
        File.WriteAllBytes(binary, [0xC3, 0x28, 0x0A]);
        Assert.Contains("not UTF-8", Assert.Throws<RequestException>(() => QuestionSet.Load(binary)).Message);
    }

    [Fact]
    public void A_line_without_end_is_refused_before_it_fills_the_memory()
    {
        var path = Write(new string('x', (4 << 20) + 10));
        Assert.Contains("longer than 4 MB", Assert.Throws<RequestException>(() => QuestionSet.Load(path)).Message);
    }

    [Fact]
    public void Saving_a_set_that_could_not_be_read_again_leaves_the_old_file_alone()
    {
        var path = Write(Good);
        var question = QuestionSet.Load(path)[0];
        Assert.Throws<RequestException>(() => QuestionSet.Save(path, [question, question]));
        Assert.Equal(Good, File.ReadAllText(path));
    }

    private string Write(params string[] lines)
    {
        var path = Path.Combine(folder, $"{Directory.GetFiles(folder).Length}.jsonl");
        File.WriteAllText(path, string.Join('\n', lines));
        return path;
    }
}
