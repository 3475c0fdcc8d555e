using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Tokenization;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>A GGUF with a tokenizer, damaged at random where vocabulary and merges stand: a named error, or a tokenizer that works.</summary>
public sealed class BrokenGgufTokenizerTests
{
    private const int Head = 80_000; // metadata of the pocket model
    private const int Mutations = 200;

    [Fact]
    public void A_damaged_vocabulary_is_an_error_that_names_the_file_or_a_tokenizer()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var sound = folder["sound.gguf"];
        using (var checkpoint = Checkpoint.Open(Path.Combine(FixtureRoot.Repository, "data", "pocket", "model-1m")))
        {
            checkpoint.SaveGguf(sound, GgufType.Q8_0);
        }

        var original = File.ReadAllBytes(sound);
        var refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            File.WriteAllBytes(folder["damaged.gguf"], Damage.Of(original, Draws.Of(1, "damage", "vocabulary", i), Head));
            var error = Bounded.Try(() => Read(folder["damaged.gguf"]), original.Length);
            Assert.True(error is null or RequestException, $"mutation {i}: {error}");
            Assert.True(error is null || error.Message.Contains("damaged.gguf", StringComparison.Ordinal), $"mutation {i} names no file: {error?.Message}");
            refused += error is null ? 0 : 1;
        }

        Assert.InRange(refused, Mutations / 4, Mutations);
    }

    private static void Read(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        _ = checkpoint.ChatTemplate;
        var tokenizer = Tokenizer.From(checkpoint.GgufTokenizer!);
        _ = tokenizer.Decode(tokenizer.Encode("The town of Dunmere <|im_end|> sät was founded in 1203.", addSpecialTokens: true));
    }
}
