using ProxyReward.Models.Native;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Tests.Transformer;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using TorchSharp;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>Whenever a process is killed, the weights that its state calls the best are there.</summary>
public sealed class BestWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly Parameters weights;

    public BestWeightsTests()
    {
        NativeEngine.Load();
        weights = new Parameters(new ParameterLayout(TinyModel.Config), torch.ScalarType.Float32);
    }

    public void Dispose()
    {
        weights.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_best_of_the_state_stays_until_the_next_state_and_the_newest_always()
    {
        var best = new BestWeights(folder.Path, weights, null);
        best.Keep(0);
        Assert.Equal([0], Steps());
        best.Keep(4);
        best.Keep(8);
        Assert.Equal([0, 8], Steps()); // without a state a killed training begins again
        best.StateIsKept();
        Assert.Equal([8], Steps());
        best.Keep(12);
        Assert.Equal([8, 12], Steps());
        best = new BestWeights(folder.Path, weights, 8); // killed, and gone on from the state
        best.Keep(16);
        Assert.Equal([8, 16], Steps());
    }

    [Fact]
    public void Each_step_has_its_own_weights()
    {
        var best = new BestWeights(folder.Path, weights, null);
        Fill(1);
        best.Keep(0);
        Fill(2);
        best.Keep(4);
        Fill(3);
        best.Load(0);
        Assert.All(weights.MasterOf(ParameterLayout.Embedding).ToArray(), weight => Assert.Equal(1, weight));
        best.Load(4);
        Assert.All(weights.MasterOf(ParameterLayout.Embedding).ToArray(), weight => Assert.Equal(2, weight));
    }

    [Fact]
    public void What_a_kill_left_half_written_is_removed()
    {
        File.WriteAllText(folder["best-3.safetensors.partial"], "");
        new BestWeights(folder.Path, weights, null).Keep(4);
        Assert.Equal([folder["best-4.safetensors"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Weights_that_are_not_there_are_missed_before_the_training_goes_on()
    {
        new BestWeights(folder.Path, weights, null).Keep(4);
        Assert.Contains("best-8.safetensors: the weights with the lowest loss on the dev pairs are not there", Assert.Throws<RequestException>(() => new BestWeights(folder.Path, weights, 8)).Message, StringComparison.Ordinal);
    }

    private void Fill(float value) => weights.MasterOf(ParameterLayout.Embedding).Fill(value);

    private IEnumerable<int> Steps() => Directory.GetFiles(folder.Path).Select(file => int.Parse(Path.GetFileName(file).Split('-', '.')[1])).Order();
}
