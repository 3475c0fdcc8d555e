using System.CommandLine;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Cli.Commands;

/// <summary><c>models …</c>: what a checkpoint is, where it comes from, and what else it can be.</summary>
internal static class ModelsCommand
{
    /// <param name="terminal">Where it prints.</param>
    /// <param name="hub">Where the Hub and its cache are; asked when a command needs it.</param>
    public static Command Create(Terminal terminal, Func<HubOptions> hub) => new("models", "Inspects, fetches and converts models")
    {
        ModelsInspect.Create(terminal, hub),
        ModelsPull.Create(terminal, hub),
        ModelsConvert.Create(terminal, hub),
    };
}
