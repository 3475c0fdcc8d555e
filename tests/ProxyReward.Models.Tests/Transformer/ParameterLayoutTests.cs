using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Tests.Checkpoints;
using ProxyReward.Models.Transformer;
using TorchSharp;

namespace ProxyReward.Models.Tests.Transformer;

public sealed class ParameterLayoutTests
{
    [Fact]
    public void A_tensor_that_is_missing_misshapen_or_extra_is_named()
    {
        var fixture = ModelFixtures.Path(ModelFixtures.Folders.First().Data);
        using var folder = new TestFolder();
        using (var source = Checkpoint.Open(fixture))
        {
            var names = new ParameterLayout(source.Config).Slots.Select(slot => slot.Name).ToList();
            var tensors = names.Skip(2).Select(name => TensorToWrite.Of(source.Tensors, name)).ToList();
            tensors.Add(new TensorToWrite(names[1], [3], span => span.Clear()));
            tensors.Add(new TensorToWrite("surprise.weight", [3], span => span.Clear()));
            source.SaveFolder(folder.Path, SafetensorsType.F32, tensors);
            var error = Assert.Throws<RequestException>(() => Checkpoint.Open(folder.Path)).Message;
            Assert.Contains($"{names[0]} is missing", error, StringComparison.Ordinal);
            Assert.Contains($"{names[1]} is [3] instead of", error, StringComparison.Ordinal);
            Assert.Contains("surprise.weight is not of this model", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_tensor_of_more_numbers_than_an_array_holds_is_refused_by_name()
    {
        var layout = new ParameterLayout([("huge.weight", [1 << 16, 1 << 15])], "config.json");
        using var source = new Named("huge.weight", [1 << 16, 1 << 15]);
        var error = Assert.Throws<RequestException>(() => layout.Check(source, "here")).Message;
        Assert.StartsWith("here: huge.weight holds 2147483648 numbers", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_tied_model_may_carry_its_head_only_where_it_is_the_embedding(float difference, bool accepted)
    {
        var fixture = ModelFixtures.Folders.Select(row => row.Data).FirstOrDefault(IsTied) ?? "";
        using var source = Checkpoint.Open(ModelFixtures.Path(fixture));
        using var folder = new TestFolder();
        var embedding = TensorToWrite.Of(source.Tensors, ParameterLayout.Embedding);
        void Head(Span<float> span)
        {
            embedding.Read(span);
            span[^1] += difference;
        }

        source.SaveFolder(
            folder.Path, SafetensorsType.F32, [.. new ParameterLayout(source.Config).Slots.Select(slot => TensorToWrite.Of(source.Tensors, slot.Name)), embedding with { Name = ParameterLayout.Head, Read = Head }]);

        // Opening reads no weights; whoever reads them, to compute or to write, learns of it.
        using var opened = Checkpoint.Open(folder.Path);
        Assert.DoesNotContain(ParameterLayout.Head, opened.Tensors.Shapes.Keys);
        Action[] readings =
        [
            () => Parameters.Load(new ParameterLayout(opened.Config), opened.Tensors, folder.Path, torch.ScalarType.Float32).Dispose(),
            () => opened.SaveFolder(folder["again"], SafetensorsType.F32),
        ];
        foreach (var error in readings.Select(Record.Exception))
        {
            Assert.Equal(accepted, error is null);
            Assert.True(accepted || error!.Message.Contains("lm_head.weight holds other numbers than model.embed_tokens.weight", StringComparison.Ordinal));
        }

        static bool IsTied(string relative) => relative.Length > 0 && ConfigReader.Read(ModelFixtures.Path(relative)).TieWordEmbeddings;
    }

    /// <summary>A tensor that says what it is and has no numbers.</summary>
    private sealed class Named(string name, IReadOnlyList<long> shape) : ITensorSource
    {
        public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; } = new Dictionary<string, IReadOnlyList<long>>(StringComparer.Ordinal) { [name] = shape };

        public string StoredType(string name) => throw new NotSupportedException(name);

        public void ReadFloat32(string name, Span<float> destination) => throw new NotSupportedException(name);

        public void Dispose()
        {
        }
    }
}
