using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// Buffers of a forward and backward pass, made once and used again, by the layers of a batch and by all batches of a training: made anew each time, their pages alone took
/// a sixth of a training's time. Not thread-safe.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private readonly Dictionary<(long Width, ScalarType Type), Stack<Tensor>> free = [];
    private readonly Dictionary<Tensor, Tensor> buffers = new(ReferenceEqualityComparer.Instance); // of each part that is in use, the whole it is a part of
    private long capacity;

    /// <param name="rows">Of the largest batch, if it is known: a larger one makes new buffers.</param>
    public Workspace(long rows = 0) => capacity = rows;

    /// <summary>What rows hold when they are taken, null for what was left there. Tests choose NaN, to see who reads before writing.</summary>
    public float? Fill { get; init; }

    /// <summary>Rows of unknown content, until they are given back.</summary>
    /// <returns>[rows, width]</returns>
    public Tensor Take(long rows, long width, ScalarType type)
    {
        if (rows > capacity)
        {
            capacity = rows;
            DisposeFree();
        }

        var buffer = free.TryGetValue((width, type), out var fitting) && fitting.TryPop(out var unused) ? unused : empty(capacity, width, type, CPU).DetachFromDisposeScope();
        var part = buffer.narrow(0, 0, rows).DetachFromDisposeScope();
        buffers.Add(part, buffer);
        return Fill is { } value ? part.fill_(value) : part;
    }

    /// <summary>Takes rows back.</summary>
    public void Return(Tensor part)
    {
        if (!buffers.Remove(part, out var buffer))
        {
            throw new ArgumentException("these rows are not in use", nameof(part));
        }

        part.Dispose();
        if (buffer.shape[0] < capacity)
        {
            buffer.Dispose();
            return;
        }

        var key = (buffer.shape[1], buffer.dtype);
        if (!free.TryGetValue(key, out var fitting))
        {
            free.Add(key, fitting = []);
        }

        fitting.Push(buffer);
    }

    /// <summary>Takes rows that are given back together.</summary>
    public WorkspaceScope Begin(long rows) => new(this, rows);

    /// <inheritdoc/>
    public void Dispose()
    {
        DisposeFree();
        foreach (var (part, buffer) in buffers)
        {
            part.Dispose();
            buffer.Dispose();
        }

        buffers.Clear();
    }

    private void DisposeFree()
    {
        foreach (var buffer in free.Values.SelectMany(fitting => fitting))
        {
            buffer.Dispose();
        }

        free.Clear();
    }
}

/// <summary>Rows of one piece of work, given back with it but for those that are kept.</summary>
internal sealed class WorkspaceScope(Workspace workspace, long rows) : IDisposable
{
    private readonly List<Tensor> taken = [];

    /// <summary>Rows of unknown content.</summary>
    /// <returns>[rows, width]</returns>
    public Tensor Take(long width, ScalarType type)
    {
        var part = workspace.Take(rows, width, type);
        taken.Add(part);
        return part;
    }

    /// <summary>Leaves rows to the caller, who gives them back to the workspace.</summary>
    [return: NotNullIfNotNull(nameof(part))]
    public Tensor? Keep(Tensor? part)
    {
        taken.RemoveAll(other => ReferenceEquals(other, part));
        return part;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in taken)
        {
            workspace.Return(part);
        }
    }
}
