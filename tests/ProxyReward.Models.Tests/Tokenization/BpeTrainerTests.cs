using System.Text;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Tests.Tokenization;

public sealed class BpeTrainerTests
{
    private static readonly string[] ChatMarks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    [Fact]
    public void Merges_are_the_most_frequent_neighbours_first()
    {
        // Words: "low" 5, " lower" 2, " newest" 6, " widest" 3. Pairs: es and st 9; then e 8 = w+e (lower 2, newest 6); worked by hand below.
        var documents = Enumerable.Repeat("low", 5).Concat(Enumerable.Repeat(" lower", 2)).Concat(Enumerable.Repeat(" newest", 6)).Concat(Enumerable.Repeat(" widest", 3));

        var trained = BpeTrainer.Train(documents, [], 256 + 6);

        // es 9 = st 9: 'e' < 's'. Then est 9. Then lo 7 = ow 7, 'l' < 'o'; low 7. Then, at 6 each: Ġn, ne, ew, w+est, and of these
        // e+w has the smallest left id; then n+ew has not, Ġ (U+0120) being the last of the bytes: n+ew, ew+est and Ġ+n stand at 6.
        Assert.Equal([("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w"), ("e", "w"), ("n", "ew")], trained.Merges);
        Assert.Equal(["es", "est", "lo", "low", "ew", "new"], trained.Tokens.Skip(256));
    }

    [Fact]
    public void Special_tokens_come_first_then_the_bytes_by_their_character()
    {
        var trained = BpeTrainer.Train([], ChatMarks, 300);

        Assert.Equal(259, trained.Tokens.Count);
        Assert.Equal([.. ChatMarks, "!"], trained.Tokens.Take(4));
        Assert.Equal(256, trained.Tokens.Skip(3).Distinct().Count());
        Assert.Equal(trained.Tokens.Skip(3).Order(StringComparer.Ordinal), trained.Tokens.Skip(3));
    }

    [Fact]
    public void The_order_of_the_documents_does_not_matter()
    {
        var documents = Documents(400);
        var shuffled = documents.ToList();
        Draws.Of(5, "order").Shuffle(shuffled);

        Assert.Equal(BpeTrainer.Train(documents, ChatMarks, 600).ToJson(), BpeTrainer.Train(shuffled, ChatMarks, 600).ToJson());
    }

    [Fact]
    public void Training_equals_counting_everything_anew_before_every_merge()
    {
        var documents = Documents(60);
        var trained = BpeTrainer.Train(documents, [], 256 + 40);

        Assert.Equal(NaiveMerges(documents, 40), trained.Merges);
    }

    [Fact]
    public void Special_tokens_inside_documents_are_not_learnt_from()
    {
        var plain = BpeTrainer.Train(["the cat sat", "the cat sat on the mat"], ChatMarks, 280);
        var marked = BpeTrainer.Train(["<|im_start|>the cat sat<|im_end|>", "<|im_start|>the cat sat on the mat<|im_end|><|endoftext|>"], ChatMarks, 280);

        Assert.Equal(plain.ToJson(), marked.ToJson());
    }

    [Fact]
    public void What_is_trained_reads_back_and_says_every_text_again()
    {
        var documents = Documents(400);
        var trained = BpeTrainer.Train(documents, ChatMarks, 700);
        var folder = Directory.CreateTempSubdirectory("bpe").FullName;
        try
        {
            trained.Save(folder);
            var tokenizer = Tokenizer.Load(folder);

            Assert.Equal(trained.Tokens, Enumerable.Range(0, tokenizer.VocabSize).Select(tokenizer.IdToToken));
            foreach (var text in documents.Take(20).Append("žluťoučký kůň 🐎\r\n\t\0"))
            {
                var chat = $"<|im_start|>{text}<|im_end|>";
                Assert.Equal(chat, tokenizer.Decode(tokenizer.Encode(chat)));
                Assert.Equal(1, tokenizer.Encode(chat)[0]);
            }

            Assert.True(tokenizer.Encode(documents[0]).Count < documents[0].Length / 2);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(258, "<|a|>", "<|b|>", "<|c|>")]
    [InlineData(300, "<|a|>", "<|a|>")]
    [InlineData(300, "")]
    public void A_vocabulary_that_cannot_be_is_refused(int vocabSize, params string[] specialTokens) =>
        Assert.Throws<RequestException>(() => BpeTrainer.Train(["text"], specialTokens, vocabSize));

    private static List<string> Documents(int count)
    {
        string[] words = ["river", "rivers", "riverside", "stone", "stones", "stands", "standing", "on", "the", "of", "1012", "it's", "aaaa", "aaaaa", "quietly"];
        var draws = Draws.Of(3, "documents");
        return [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 30).Select(_ => draws.Pick(words))) + ".")];
    }

    private static List<(string, string)> NaiveMerges(List<string> documents, int wanted)
    {
        var bytes = BpeTrainer.Train([], [], 256).Tokens;
        var ids = bytes.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id);
        // In this text GPT-2's rule is: a word with the space before it; the suffix 's and the stop are pieces of their own.
        var words = documents.SelectMany(text => System.Text.RegularExpressions.Regex.Matches(text, @"'s| ?[a-z]+| ?[0-9]+|\."))
            .Select(match => Encoding.UTF8.GetBytes(match.Value).Select(value => value == ' ' ? "Ġ" : ((char)value).ToString()).ToList()).ToList();
        var merges = new List<(string, string)>();
        while (merges.Count < wanted)
        {
            var (left, right) = words.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => ids[pair.Key.First]).ThenBy(pair => ids[pair.Key.Second]).First().Key;
            merges.Add((left, right));
            ids.TryAdd(left + right, ids.Count);
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) == (left, right))
                    {
                        word[i] += right;
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return merges;
    }
}
