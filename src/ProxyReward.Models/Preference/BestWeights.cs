using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Optimization;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Preference;

/// <summary>
/// The weights with the best score so far, in a file that is named by their step. A killed training goes on from its state, whose best weights may be older than the
/// newest: those are kept as well until the next state. Written by one process; not thread-safe.
/// </summary>
internal sealed class BestWeights
{
    private const string Prefix = "best-", Weights = "weights";
    private readonly string folder;
    private readonly Parameters weights;
    private int? ofState;
    private int? newest;

    /// <param name="folder">Exists.</param>
    /// <param name="weights">What is trained.</param>
    /// <param name="best">The best step before the one that the training goes on from; null: none was scored.</param>
    /// <exception cref="RequestException">Its weights are not there.</exception>
    public BestWeights(string folder, Parameters weights, int? best)
    {
        (this.folder, this.weights, ofState, newest) = (folder, weights, best, best);
        if (best is { } step && !File.Exists(PathOf(step)))
        {
            throw new RequestException($"{PathOf(step)}: the weights with the lowest loss on the dev pairs are not there. Put the file back, or remove {folder} to train from the start.");
        }
    }

    /// <summary>Keeps the weights as they stand.</summary>
    public void Keep(int step)
    {
        SafetensorsWriter.WriteFile(PathOf(step), [.. FlatBuffer.ToWrite(Weights, weights.Master)], SafetensorsType.F32);
        newest = step;
        ofState ??= step; // a training without a state goes on from the start
        RemoveOthers();
    }

    /// <summary>The state of the training was kept: it will go on from there.</summary>
    public void StateIsKept()
    {
        ofState = newest;
        RemoveOthers();
    }

    /// <summary>Puts the weights of a step back.</summary>
    public void Load(int step)
    {
        using var source = SafetensorsFolder.Open(PathOf(step));
        FlatBuffer.Read(source, Weights, weights.Master);
        weights.RefreshCompute();
    }

    private string PathOf(int step) => Path.Combine(folder, $"{Prefix}{step}.safetensors");

    private void RemoveOthers()
    {
        string?[] needed = [newest is { } last ? PathOf(last) : null, ofState is { } before ? PathOf(before) : null];
        foreach (var file in Directory.EnumerateFiles(folder, Prefix + "*").Where(file => !needed.Contains(file)).ToList())
        {
            File.Delete(file);
        }
    }
}
