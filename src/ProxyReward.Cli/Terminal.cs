using ProxyReward.Cli.Progress;
using ProxyReward.Runs;

namespace ProxyReward.Cli;

/// <summary>Where a command prints.</summary>
/// <param name="Output">Results.</param>
/// <param name="Error">Everything else.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error)
{
    /// <summary>Progress as the error stream can show it: live on a terminal, lines elsewhere.</summary>
    public ILiveProgress OpenProgress() =>
        ReferenceEquals(Error, Console.Error) && !Console.IsErrorRedirected ? new TerminalProgress() : new PlainProgress(Error, TimeProvider.System);
}

/// <summary>Progress that is shown while it is open.</summary>
internal interface ILiveProgress : IRunProgress, IAsyncDisposable;
