using System.Numerics.Tensors;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// A model's weights: fp32 masters, and the copy that matrix products use (bf16, or the masters themselves), each one flat buffer.
/// Not thread-safe.
/// </summary>
public sealed class Parameters : IDisposable
{
    private readonly Dictionary<(string First, string Last), Tensor> views = [];

    /// <summary>Weights of zero.</summary>
    /// <param name="layout">What they are.</param>
    /// <param name="computeType">Float32 or BFloat16.</param>
    public Parameters(ParameterLayout layout, ScalarType computeType)
    {
        NativeEngine.Load();
        Layout = layout;
        Master = zeros(layout.Size, ScalarType.Float32, CPU).DetachFromDisposeScope();
        Compute = computeType == ScalarType.Float32 ? Master : zeros(layout.Size, computeType, CPU).DetachFromDisposeScope();
    }

    /// <summary>What lies where.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>[size], fp32: what training changes and checkpoints keep.</summary>
    public Tensor Master { get; }

    /// <summary>[size]: the masters rounded to the type of the matrix products.</summary>
    public Tensor Compute { get; }

    /// <summary>What the weights of a layout take.</summary>
    public static long Bytes(ParameterLayout layout, ScalarType computeType) =>
        layout.Size * (sizeof(float) + (computeType == ScalarType.Float32 ? 0 : Rows.SizeOf(computeType)));

    /// <summary>Reads all weights of a checkpoint.</summary>
    /// <exception cref="RequestException">A tensor is missing, extra, misshapen, or not finite.</exception>
    public static Parameters Load(ParameterLayout layout, ITensorSource source, string where, ScalarType computeType)
    {
        layout.Check(source, where);
        var parameters = new Parameters(layout, computeType);
        foreach (var slot in layout.Slots)
        {
            var values = parameters.MasterOf(slot.Name);
            source.ReadFloat32(slot.Name, values);
            if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(values)))
            {
                parameters.Dispose();
                throw new RequestException($"{where}: {slot.Name} holds numbers that are not finite: it is damaged, or its training diverged. Fetch or train it again.");
            }
        }

        parameters.RefreshCompute();
        return parameters;
    }

    /// <summary>The fp32 master of one parameter.</summary>
    public Span<float> MasterOf(string name) => Slice(Master, Layout[name]);

    /// <summary>A compute matrix or vector; from <paramref name="first"/> to its neighbour <paramref name="last"/> as one. Lives as long as this.</summary>
    public Tensor View(string first, string? last = null) => View(Compute, first, last ?? first);

    /// <summary>The fp32 master of a vector (norms and biases are used in fp32). Lives as long as this.</summary>
    public Tensor MasterView(string name)
    {
        if (!views.TryGetValue((name, "master"), out var view))
        {
            using var flat = Master.narrow(0, Layout[name].Offset, Layout[name].Size);
            views[(name, "master")] = view = flat.view([.. Layout[name].Shape]).DetachFromDisposeScope();
        }

        return view;
    }

    /// <summary>Rounds the masters into the compute copy again, after they were changed.</summary>
    public void RefreshCompute()
    {
        if (!ReferenceEquals(Master, Compute))
        {
            using var _ = no_grad();
            Compute.copy_(Master);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in views.Values)
        {
            view.Dispose();
        }

        Compute.Dispose();
        Master.Dispose();
    }

    /// <summary>The part of a flat fp32 buffer that belongs to a parameter.</summary>
    internal static unsafe Span<float> Slice(Tensor flat, ParameterSlot slot) =>
        new((float*)Rows.Pointer(flat) + slot.Offset, checked((int)slot.Size));

    private Tensor View(Tensor flat, string first, string last)
    {
        if (!views.TryGetValue((first, last), out var view))
        {
            var slots = Layout.Slots.SkipWhile(slot => slot.Name != first).ToList();
            var group = slots.Take(slots.FindIndex(slot => slot.Name == last) + 1).ToList();
            using var part = flat.narrow(0, group[0].Offset, group.Sum(slot => slot.Size));
            view = group[0].Shape.Count == 1 ? part.view(-1) : part.view(-1, group[0].Shape[1]);
            views[(first, last)] = view.DetachFromDisposeScope();
        }

        return view;
    }
}
