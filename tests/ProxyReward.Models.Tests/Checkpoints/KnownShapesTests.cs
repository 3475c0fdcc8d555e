using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class KnownShapesTests
{
    // As the model cards and the safetensors indices on the Hub count them.
    [Theory]
    [InlineData("Qwen/Qwen2.5-1.5B-Instruct", 1_543_714_304)]
    [InlineData("Qwen/Qwen2.5-3B-Instruct", 3_085_938_688)]
    [InlineData("Qwen/Qwen2.5-7B-Instruct", 7_615_616_512)]
    [InlineData("meta-llama/Llama-3.1-8B-Instruct@main", 8_030_261_248)]
    public void A_known_shape_has_the_parameters_of_the_published_model(string id, long parameters) =>
        Assert.Equal(parameters, new ParameterLayout(KnownShapes.Find(id)!).Size);

    [Fact]
    public void Other_models_are_not_known() => Assert.Null(KnownShapes.Find("owner/name"));
}
