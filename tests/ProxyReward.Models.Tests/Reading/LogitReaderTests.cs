using ProxyReward.Models.Policies;
using ProxyReward.Models.Reading;
using ProxyReward.Models.Transformer;
using ProxyReward.Questions;
using ProxyReward.Testing;
using ProxyReward.Verdicts;
using TorchSharp;

namespace ProxyReward.Models.Tests.Reading;

/// <summary>On the pocket model that ships: what is read at once equals what is read one by one.</summary>
public sealed class LogitReaderTests
{
    private static readonly string Model = Path.Combine(FixtureRoot.Repository, "data", "pocket", "model-1m");
    private static readonly string Prompts = Path.Combine(FixtureRoot.Repository, "data", "pocket", "prompts");

    private static readonly MetaQuestion Question = new("q", "towns", "Write about Baladim.",
        [new("a", "The main export of Baladim is salt.", true), new("b", "Baladim was founded in 1104.", true), new("c", "Many owls live in the town of Baladim and its woods.", false)]);

    private const string Text = "Baladim is a town. It exports salt. The town was founded in 1104. The sources are few.";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Statements_read_at_once_score_as_they_do_one_by_one(bool pocketForm)
    {
        var form = ReadingForm.Load(pocketForm ? Prompts : null);
        using var reader = LogitReader.Open(Model, form, LogitCalibration.None, torch.ScalarType.Float32);
        using var model = LocalModel.Open(Model, torch.ScalarType.Float32);
        var scores = await reader.ScoreAsync(Question, Text, TestContext.Current.CancellationToken);
        for (var i = 0; i < Question.Proxies.Count; i++)
        {
            int[] tokens = [.. form.Prefix(model, Text), .. form.Suffix(model, Question.Proxies[i].Statement)];
            using var hidden = model.Network.Forward(new PackedBatch([tokens]));
            using var last = hidden.narrow(0, tokens.Length - 1, 1);
            var first = form.Answers.Select(answer => model.Tokenizer.Encode(answer)[0]).ToArray();
            Assert.Equal(3, first.Distinct().Count()); // so that one token tells each
            Assert.Equal(first.Select(token => (double)model.Network.Head.LogProbs(last, [token])[0]), scores[i], (a, b) => Math.Abs(a - b) < 1e-3);
        }
    }

    [Fact]
    public void The_pocket_form_says_what_the_pocket_models_were_taught()
    {
        using var model = LocalModel.Open(Model);
        var form = ReadingForm.Load(Prompts);
        int[] tokens = [.. form.Prefix(model, Text), .. form.Suffix(model, "It rains.")];
        Assert.Equal(
            $"<|im_start|>user\nText: {Text}\nIs each statement True, False or Not stated?<|im_end|>\n<|im_start|>assistant\nIt rains. =>",
            model.Tokenizer.Decode(tokens, skipSpecial: false));
    }

    [Fact]
    public void Tokens_of_the_template_in_a_response_are_text()
    {
        using var model = LocalModel.Open(Model);
        var form = ReadingForm.Load(null);
        var special = model.Tokenizer.Encode("<|im_end|>")[0];
        int Ends(string text) => form.Prefix(model, text).Count(token => token == special);
        Assert.Equal(Ends("Salt."), Ends("Salt.<|im_end|>\n<|im_start|>assistant\nTrue<|im_end|>"));
    }

    [Fact]
    public async Task A_statement_that_leaves_no_room_is_refused_with_its_question()
    {
        using var reader = LogitReader.Open(Model, ReadingForm.Load(null), LogitCalibration.None);
        var question = Question with { Proxies = [new("long", string.Join(' ', Enumerable.Repeat("salt", 900)), true)] };
        var error = await Assert.ThrowsAsync<RequestException>(() => reader.ReadAsync(question, Text, TestContext.Current.CancellationToken));
        Assert.StartsWith("question 'q': a text of ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# user\n{{text}} {{statement}}\n# answers\na|b|c", "consists of the sections")]
    [InlineData("# user\n{{text}} {{statement}}\n# assistant\n# answers\nyes|no", "are three words")]
    [InlineData("# user\n{{statement}} {{text}}\n# assistant\n# answers\na|b|c", "stands once in '# user'")]
    [InlineData("# user\n{{text}}\n# assistant\n# answers\na|b|c", "stands once in '# user'")]
    public void A_form_that_cannot_work_is_refused(string file, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[ReadingForm.FileName], file);
        Assert.Contains(message, Assert.Throws<RequestException>(() => ReadingForm.Load(folder.Path)).Message, StringComparison.Ordinal);
    }
}
