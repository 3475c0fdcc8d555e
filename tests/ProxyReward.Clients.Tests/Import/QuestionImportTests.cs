using System.Text.Json;
using ProxyReward.Clients.Import;
using ProxyReward.Questions;
using ProxyReward.Testing;

namespace ProxyReward.Clients.Tests.Import;

public sealed class QuestionImportTests : IDisposable
{
    private static readonly string Data = Path.Combine(FixtureRoot.Repository, "tests", "ProxyReward.Clients.Tests", "Import", "Data");
    private readonly string folder = Directory.CreateTempSubdirectory("import").FullName;

    // What the files were written from, see Data/README.md.
    private static readonly string[] Expected =
    [
        """{"id":"1","domain":"history","meta_question":"Write about Rome.","proxies":[{"id":"1-01","statement":"Rome is in Italy.","answer":true},{"id":"1-02","statement":"Rome lies on the Rhine.","answer":false}],"wiki_cover":true,"time_sensitive":false}""",
        """{"id":"2","domain":"music","meta_question":"Write about “jazz” – ünïcode.","proxies":[{"id":"2-01","statement":"Jazz arose in New Orleans.","answer":true}],"wiki_cover":false}""",
        """{"id":"3","domain":"games","meta_question":"Write about chess.","proxies":[],"wiki_cover":true,"time_sensitive":false}""",
    ];

    public static TheoryData<string> Sources => ["set.jsonl", "set.parquet", "saved", "splits"];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Every_form_of_a_set_gives_the_same_questions(string name)
    {
        var questions = await QuestionImport.LoadAsync(Path.Combine(Data, name), CancellationToken.None);
        Assert.Equal(Expected, questions.Select(question => JsonSerializer.Serialize(question, Json.Line)));
    }

    [Fact]
    public async Task A_set_of_our_own_comes_through_unchanged()
    {
        const string Line =
            """{"id":"q1","domain":"d","meta_question":"Write.","proxies":[{"id":"p9","statement":"It is so.","answer":false,"evidence":["a",["b","c"]],"rationale":"r"}],"source":"s"}""";
        Assert.Equal(Line, JsonSerializer.Serialize(Assert.Single(await LoadAsync(Line)), Json.Line));
    }

    [Theory]
    [InlineData("""{"id":1}""", ":1: meta_question is missing")]
    [InlineData("""{"meta_question":"a","sub_questions":"b"}""", ":1: sub_questions: is no list")]
    [InlineData("""{"meta_question":"a","sub_questions":["b"],"answers":[]}""", "1 statements and 0 answers")]
    [InlineData("""{"meta_question":"a","sub_questions":["b"]}""", "sub_questions[0]: its answer is missing")]
    [InlineData("""{"meta_question":"a","sub_questions":[{"answer":true}]}""", "sub_questions[0]: has no statement")]
    [InlineData("""{"meta_question":"a","proxies":[{"statement":"b","answer":true,"evidence":[[]]}]}""", "proxies[0].evidence")]
    [InlineData("""{"meta_question":"a","id":"x"}|{"meta_question":"b","id":"x"}""", ":2: the id 'x' was used before")]
    [InlineData("{", ":1: the line is no JSON")]
    [InlineData("[]", ":1: the line is no JSON object")]
    [InlineData("", "holds no rows")]
    public async Task A_row_that_does_not_do_is_named(string lines, string expected)
    {
        var error = await Assert.ThrowsAsync<RequestException>(() => LoadAsync(lines));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public async Task Damaged_files_and_lists_that_lead_out_of_the_folder_are_refused()
    {
        var parquet = Path.Combine(folder, "cut.parquet");
        await File.WriteAllBytesAsync(parquet, (await File.ReadAllBytesAsync(Path.Combine(Data, "set.parquet")))[..1000]);
        Assert.Contains("cannot be read as Parquet", await Refused(parquet));
        var arrow = Path.Combine(folder, "saved");
        Directory.CreateDirectory(arrow);
        await File.WriteAllTextAsync(Path.Combine(arrow, "state.json"), """{"_data_files":[{"filename":"a.arrow"}]}""");
        Assert.Contains("listed in state.json and not there", await Refused(arrow));
        var source = Directory.GetFiles(Path.Combine(Data, "saved"), "*.arrow").Order().First();
        await File.WriteAllBytesAsync(Path.Combine(arrow, "a.arrow"), (await File.ReadAllBytesAsync(source))[..900]);
        Assert.Contains("cannot be read as an Arrow stream", await Refused(arrow));
        await File.WriteAllTextAsync(Path.Combine(arrow, "state.json"), """{"_data_files":[{"filename":"../a.arrow"}]}""");
        Assert.Contains("leads out of the folder", await Refused(arrow));
        await File.WriteAllTextAsync(Path.Combine(arrow, "state.json"), "{}");
        Assert.Contains("state.json", await Refused(arrow));
        Assert.Contains("neither state.json nor dataset_dict.json", await Refused(folder));
        Assert.Contains("no such file", await Refused(Path.Combine(folder, "absent")));

        async Task<string> Refused(string path) =>
            (await Assert.ThrowsAsync<RequestException>(() => QuestionImport.LoadAsync(path, CancellationToken.None))).Message;
    }

    private async Task<IReadOnlyList<MetaQuestion>> LoadAsync(string lines)
    {
        var path = Path.Combine(folder, "set.jsonl");
        await File.WriteAllTextAsync(path, lines.Replace('|', '\n'));
        return await QuestionImport.LoadAsync(path, CancellationToken.None);
    }
}
