using System.Text.Json.Nodes;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Encoders;
using static TorchSharp.torch;

namespace ProxyReward.Models.Tests.Encoders;

public sealed class BrokenEncoderTests
{
    public static TheoryData<string> Classifiers => EncoderFixtures.Classifiers;

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Shards_give_what_one_file_gives(string name)
    {
        using var folder = new EncoderFolder(name, shardBytes: 50_000);
        Assert.True(Directory.GetFiles(folder.Path, "*.safetensors").Length > 2);
        using var sharded = EncoderNetwork.Load(folder.Path, ScalarType.Float32);
        using var whole = EncoderNetwork.Load(EncoderFixtures.Folder(name), ScalarType.Float32);
        Assert.Equal(EncoderFixtures.Run(whole, EncoderFixtures.Rows(name)).Logits, EncoderFixtures.Run(sharded, EncoderFixtures.Rows(name)).Logits);
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void A_key_that_is_not_known_is_refused_by_name(string name)
    {
        using var folder = new EncoderFolder(name).With("head_twist", 3);
        Refused(folder, "key 'head_twist' is not known");
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Every_key_that_shapes_the_network_must_fit_the_weights(string name)
    {
        foreach (var (key, value) in (ReadOnlySpan<(string, int)>)[("hidden_size", 32), ("intermediate_size", 100), ("vocab_size", 319), ("num_hidden_layers", 2), ("num_hidden_layers", 4)])
        {
            using var folder = new EncoderFolder(name).With("layer_types", null).With(key, value);
            if (key != "hidden_size" || EncoderFamily.Open(EncoderFixtures.Folder(name)).Config.Family != "deberta-v2") // whose pooler has its own key
            {
                Refused(folder, "the tensors are not those of its configuration");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Tensors_that_are_missing_misshapen_or_extra_are_named(string name)
    {
        using var folder = new EncoderFolder(name);
        var weight = EncoderFamily.Open(folder.Path).Layout.Slots.Last(slot => slot.Name.EndsWith(".weight", StringComparison.Ordinal)).Name;
        folder.Rewrite(
            tensor => tensor.Name == weight ? null : tensor.Name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) || tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal) ? Short(tensor) : tensor,
            new TensorToWrite("surplus.weight", [1], span => span.Clear()));
        var error = Refused(folder, "is [63] instead of [64]");
        Assert.Contains(folder.Path, error, StringComparison.Ordinal);

        using var without = new EncoderFolder(name);
        without.Rewrite(tensor => tensor.Name == weight ? null : tensor, new TensorToWrite("surplus.weight", [1], span => span.Clear()));
        Assert.Contains("surplus.weight is not of this model", Refused(without, $"{weight} is missing"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void What_is_left_over_from_another_head_or_an_old_version_is_passed_over(string name)
    {
        using var folder = new EncoderFolder(name);
        var unused = EncoderFamily.Open(folder.Path).Unused;
        folder.Rewrite(tensor => tensor, [.. unused.Select(tensor => new TensorToWrite(tensor, [1], span => span.Clear()))]);
        using var network = EncoderNetwork.Load(folder.Path, ScalarType.Float32);
        Assert.NotNull(network);
    }

    [Theory]
    [InlineData("roberta", "position_embedding_type", "\"relative_key\"", "'position_embedding_type' is \"relative_key\"")]
    [InlineData("roberta", "hidden_act", "\"relu\"", "'hidden_act' is \"relu\"")]
    [InlineData("roberta", "is_decoder", "true", "'is_decoder' is true")]
    [InlineData("roberta", "problem_type", "\"regression\"", "'problem_type' is \"regression\"")]
    [InlineData("roberta", "max_position_embeddings", "2", "leaves none behind the padding token 1")]
    [InlineData("roberta", "architectures", "[\"RobertaForMaskedLM\"]", "a sequence classifier is wanted")]
    [InlineData("roberta", "architectures", "null", "a sequence classifier is wanted")]
    [InlineData("roberta", "model_type", "\"bert\"", "'bert' is no encoder that is computed here; roberta, modernbert, deberta-v2 are")]
    [InlineData("roberta", "num_attention_heads", "5", "5 heads (must divide hidden_size, 64)")]
    [InlineData("roberta", "num_hidden_layers", "2000000000", "at most 1024")]
    [InlineData("roberta", "id2label", "{\"0\": \"a\", \"2\": \"b\"}", "'id2label' must give each label")]
    [InlineData("roberta", "id2label", "[]", "'id2label' must give each label")]
    [InlineData("modernbert", "classifier_pooling", "\"max\"", "'classifier_pooling' must be cls or mean, not max")]
    [InlineData("modernbert", "layer_types", "[\"full_attention\"]", "'layer_types' lists 1 layers, 'num_hidden_layers' is 3")]
    [InlineData("modernbert", "layer_types", "[\"full_attention\", \"x\", \"x\"]", "'layer_types' must be a list of full_attention and sliding_attention")]
    [InlineData("modernbert", "rope_parameters", "{\"full_attention\": {\"rope_type\": \"yarn\"}}", "'rope_type' is \"yarn\"")]
    [InlineData("modernbert", "rope_parameters", "{\"full_attention\": {\"factor\": 2}}", "key 'factor' is not known")]
    [InlineData("deberta-v2", "conv_kernel_size", "3", "'conv_kernel_size' is 3")]
    [InlineData("deberta-v2", "share_att_key", "false", "only DeBERTa-v3's attention is computed")]
    [InlineData("deberta-v2", "pos_att_type", "\"c2p\"", "only DeBERTa-v3's attention is computed")]
    [InlineData("deberta-v2", "position_biased_input", "null", "only DeBERTa-v3's attention is computed")]
    [InlineData("deberta-v2", "position_buckets", "null", "key 'position_buckets' is missing")]
    [InlineData("deberta-v2", "position_buckets", "400", "400 position_buckets leave nothing to share out")]
    public void What_is_not_computed_is_refused_by_name(string family, string key, string value, string expected)
    {
        var name = EncoderFixtures.Classifiers.Select(row => row.Data).FirstOrDefault(name => name.Length > 0 && EncoderFamily.Open(EncoderFixtures.Folder(name)).Config.Family == family);
        Assert.SkipWhen(name is null, $"no reference classifier of the family {family}");
        using var folder = new EncoderFolder(name!).With(key, JsonNode.Parse(value));
        Refused(folder, expected);
    }

    [Fact]
    public void Old_spellings_of_a_configuration_mean_the_same()
    {
        foreach (var name in EncoderFixtures.Classifiers.Select(row => row.Data).Where(name => name.Length > 0))
        {
            using var folder = new EncoderFolder(name);
            switch (EncoderFamily.Open(folder.Path).Config.Family)
            {
                case "modernbert": // transformers 4
                    folder.With("rope_parameters", null).With("layer_types", null).With("global_rope_theta", 160000.0).With("local_rope_theta", 10000.0)
                        .With("position_embedding_type", "absolute").With("layer_norm_eps", 1e-5);
                    break;
                case "deberta-v2":
                    folder.With("pos_att_type", "p2c|c2p").With("legacy", null);
                    break;
            }

            using var network = EncoderNetwork.Load(folder.Path, ScalarType.Float32);
            Assert.Equal(EncoderFixtures.Expected(name, "logits"), EncoderFixtures.Run(network, EncoderFixtures.Rows(name)).Logits, (e, a) => Math.Abs(e - a) < 2e-4);
        }
    }

    private static string Refused(EncoderFolder folder, string expected)
    {
        var error = Assert.Throws<RequestException>(() => EncoderNetwork.Load(folder.Path, ScalarType.Float32));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    private static TensorToWrite Short(TensorToWrite tensor) => new(tensor.Name, [tensor.Shape[0] - 1], span => span.Clear());
}
