using ProxyReward.Runs;
using Spectre.Console;

namespace ProxyReward.Cli.Progress;

/// <summary>Progress on a terminal: a bar for the work in hand, a line for each that is done.</summary>
internal sealed class TerminalProgress : ILiveProgress
{
    private readonly IAnsiConsole console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ProgressContext> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private readonly Task showing;
    private Pace? pace;
    private ProgressTask? bar;

    public TerminalProgress() => showing = console.Progress()
        .AutoClear(true)
        .HideCompleted(true)
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
        .StartAsync(context =>
        {
            opened.SetResult(context);
            return closed.Task;
        });

    /// <inheritdoc/>
    public void Begin(Arm arm, Stage stage, string unit, int done, int total)
    {
        pace = new(TimeProvider.System, () => Environment.WorkingSet, arm, stage, unit, done, total);
        bar = opened.Task.GetAwaiter().GetResult().AddTask(Markup.Escape(pace.Title), maxValue: Math.Max(1, total));
        bar.Value = done;
    }

    /// <inheritdoc/>
    public void Advance(int items, long tokens)
    {
        lock (gate)
        {
            pace!.Advance(items, tokens);
            bar!.Increment(items);
            bar.Description = Markup.Escape($"{pace.Title}: {pace}");
        }
    }

    /// <inheritdoc/>
    public void End(TimeSpan took)
    {
        bar!.StopTask();
        bar.Value = bar.MaxValue;
        console.WriteLine($"{pace!.Title}: {pace.Summary(took)}");
    }

    /// <inheritdoc/>
    public void Note(string text) => console.WriteLine(text);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        closed.TrySetResult();
        await showing;
    }
}
