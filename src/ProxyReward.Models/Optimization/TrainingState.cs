using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Optimization;

/// <summary>
/// Everything a training run needs to go on: masters, both moments and the number of steps, in one safetensors file that appears whole or not at all.
/// </summary>
public static class TrainingState
{
    private const string Master = "master", First = "first_moment", Second = "second_moment", Step = "step";

    /// <summary>Writes the state, replacing an older one.</summary>
    public static void Save(string path, Parameters parameters, AdamW optimizer)
    {
        SafetensorsWriter.WriteFile(
            path,
            [
                .. FlatBuffer.ToWrite(Master, parameters.Master),
                .. FlatBuffer.ToWrite(First, optimizer.FirstMoment),
                .. FlatBuffer.ToWrite(Second, optimizer.SecondMoment),
                new(Step, [1], span => span[0] = optimizer.Steps), // exact to 2²⁴ steps
            ],
            SafetensorsType.F32);
    }

    /// <summary>Takes up a state; false where there is none.</summary>
    /// <exception cref="RequestException">The file is damaged or belongs to another model.</exception>
    public static bool TryLoad(string path, Parameters parameters, AdamW optimizer)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var source = SafetensorsFolder.Open(path);
        if (!FlatBuffer.IsIn(source, Master, parameters.Layout.Size))
        {
            throw new RequestException($"{path}: this training state belongs to another model; delete it to train from the start.");
        }

        Span<float> step = stackalloc float[1];
        source.ReadFloat32(Step, step);
        FlatBuffer.Read(source, Master, parameters.Master);
        FlatBuffer.Read(source, First, optimizer.FirstMoment);
        FlatBuffer.Read(source, Second, optimizer.SecondMoment);
        parameters.RefreshCompute();
        optimizer.Steps = (int)step[0];
        return true;
    }
}
