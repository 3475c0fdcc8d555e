namespace ProxyReward.Cli.Plans;

/// <summary>How a thing stands that was looked at before a run.</summary>
internal enum Standing
{
    /// <summary>As it should be.</summary>
    Fine,

    /// <summary>The run would go, and its numbers might deceive.</summary>
    Doubtful,

    /// <summary>The run would fail.</summary>
    Wrong,
}

/// <summary>A thing that was looked at before a run.</summary>
/// <param name="Name">What it is, for people; at most 13 letters.</param>
/// <param name="Text">What was found. Where it is not fine, a sentence that stands alone: where and how to mend it.</param>
/// <param name="Standing">How it stands.</param>
internal sealed record PlanLine(string Name, string Text, Standing Standing = Standing.Fine)
{
    /// <summary>The answer to a question, or the problem in its place.</summary>
    public static PlanLine Of(string name, Func<string> check)
    {
        try
        {
            return new(name, check());
        }
        catch (Exception e) when (e is RequestException or IOException or UnauthorizedAccessException or InvalidOperationException or DllNotFoundException)
        {
            return new(name, e.Message, Standing.Wrong);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name,-14}{Standing switch { Standing.Wrong => "problem: ", Standing.Doubtful => "warning: ", _ => "" }}{Text}";
}
