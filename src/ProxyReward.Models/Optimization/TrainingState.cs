using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Kernels;
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
        long[] shape = [parameters.Layout.Size];
        SafetensorsWriter.WriteFile(
            path,
            [
                TensorToWrite.Of(Master, shape, () => Rows.Floats(parameters.Master)),
                TensorToWrite.Of(First, shape, () => Rows.Floats(optimizer.FirstMoment)),
                TensorToWrite.Of(Second, shape, () => Rows.Floats(optimizer.SecondMoment)),
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
        if (!source.Shapes.TryGetValue(Master, out var shape) || !shape.SequenceEqual([parameters.Layout.Size]))
        {
            throw new RequestException($"{path}: this training state belongs to another model; delete it to train from the start.");
        }

        Span<float> step = stackalloc float[1];
        source.ReadFloat32(Step, step);
        source.ReadFloat32(Master, Rows.Floats(parameters.Master));
        source.ReadFloat32(First, Rows.Floats(optimizer.FirstMoment));
        source.ReadFloat32(Second, Rows.Floats(optimizer.SecondMoment));
        parameters.RefreshCompute();
        optimizer.Steps = (int)step[0];
        return true;
    }
}
