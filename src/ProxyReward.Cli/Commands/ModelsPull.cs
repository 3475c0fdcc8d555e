using System.CommandLine;
using ProxyReward.Cli.Progress;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Cli.Commands;

/// <summary><c>models pull ID</c>: a model of the Hub into the cache that Hugging Face's own tools use.</summary>
internal static class ModelsPull
{
    public static Command Create(Terminal terminal, Func<HubOptions> hub)
    {
        var model = new Argument<string>("model") { Description = "owner/name[@revision]; the revision is a branch, tag or commit, main where it is not said" };
        var file = new Option<string?>("--file") { Description = "One GGUF file of the model, and nothing else of it" };
        var command = new Command(
            "pull",
            "Fetches a model or an adapter from the Hugging Face Hub and prints its folder; checks what is there and replaces what is damaged; HF_HOME, HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE are honoured")
        {
            model,
            file,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = HubModel.Parse(parsed.GetRequiredValue(model));
            var progress = new PullProgress(terminal.Error, TimeProvider.System);
            await terminal.Output.WriteLineAsync(await ModelHub.Pull(id, hub(), parsed.GetValue(file), progress, cancellationToken));
            return ExitCode.Done;
        });
        return command;
    }
}
