using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Tests.Checkpoints;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>What cannot be trained on is dropped with a reason, or refused with a message that says what is wrong.</summary>
public sealed class BadPairsTests
{
    [Fact]
    public void A_pair_that_teaches_nothing_or_does_not_fit_is_dropped_with_its_reason()
    {
        var options = new DpoOptions { MaxLength = 8 };
        TokenPair good = new([1, 2], [3, 4, 5, 6, 7, 8], [9]), tooLong = new([1, 2], [3, 4, 5, 6, 7, 8, 9], [9]), same = new([1], [2, 3], [2, 3]);
        TokenPair empty = new([1], [], [2]), prompt = new([1, 2, 3, 4, 5, 6, 7, 8], [1], [2]);

        Assert.Equal([good], TokenPair.Fit([good, tooLong, same, empty, prompt], options));
        Assert.Null(good.Defect(options));
        Assert.Equal("prompt and completion of 9 tokens exceed dpo.max_length 8", tooLong.Defect(options));
        Assert.Equal("chosen and rejected are the same", same.Defect(options));
        Assert.Equal("a completion is empty", empty.Defect(options));
        Assert.Equal("a prompt of 8 tokens leaves no room in dpo.max_length 8", prompt.Defect(options with { Truncation = Truncation.KeepStart }));
    }

    [Fact]
    public void Completions_that_are_cut_to_the_same_are_dropped()
    {
        var options = new DpoOptions { MaxLength = 8, Truncation = Truncation.KeepStart };
        TokenPair pair = new([1, 2, 3, 4, 5, 6], [7, 7, 1], [7, 7, 2]);
        Assert.Equal("cut to dpo.max_length 8, chosen and rejected are the same", pair.Defect(options));
        Assert.Equal(2, Assert.Single(TokenPair.Fit([pair with { Rejected = [7, 8, 2] }], options)).Rejected.Count);
    }

    [Fact]
    public void No_pairs_and_an_empty_completion_are_refused()
    {
        Assert.Throws<RequestException>(() => new TrainingPlan([], new DpoOptions(), shuffle: false));
        var error = Assert.Throws<RequestException>(() => new PairBatch([new TokenPair([1], [2], [])]));
        Assert.Contains("empty completion", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_the_model_does_not_have_is_refused_by_its_number()
    {
        using var model = Open(Folder());
        foreach (var pair in (TokenPair[])[new([1], [2, 999_999], [3]), new([999_999], [2], [3]), new([1], [2], [-1, 3])])
        {
            var error = Assert.Throws<RequestException>(() => Trainer(model, pair));
            Assert.Contains("is outside the vocabulary", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused_where_they_are_read_and_before_they_are_trained()
    {
        using var model = Open(Folder());
        using var folder = new TestFolder();
        using (var source = Checkpoint.Open(Folder()))
        {
            var slots = new ParameterLayout(source.Config).Slots;
            source.SaveFolder(folder.Path, SafetensorsType.F32, [.. slots.Select(slot => TensorToWrite.Of(source.Tensors, slot.Name) is var tensor && slot.Name == slots[3].Name
                ? tensor with { Read = span => span.Fill(float.NaN) }
                : tensor)]);
            Assert.Contains($"{slots[3].Name} holds numbers that are not finite", Assert.Throws<RequestException>(() => Open(folder.Path)).Message, StringComparison.Ordinal);
        }

        model.Parameters.MasterOf("model.norm.weight")[0] = float.PositiveInfinity;
        Assert.Contains("not finite", Assert.Throws<RequestException>(() => Trainer(model, new TokenPair([1], [2], [3]))).Message, StringComparison.Ordinal);
    }

    private static string Folder() => Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Require("dpo"), "models")).Order(StringComparer.Ordinal).First();

    private static LanguageModel Open(string folder)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return new LanguageModel(checkpoint.Config, Parameters.Load(new ParameterLayout(checkpoint.Config), checkpoint.Tensors, folder, torch.ScalarType.Float32));
    }

    private static void Trainer(LanguageModel model, TokenPair pair)
    {
        var options = new DpoOptions();
        new DpoTrainer(model, new TrainingPlan([pair], options, shuffle: false), options, TestContext.Current.CancellationToken).Dispose();
    }
}
