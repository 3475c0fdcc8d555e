using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Models.Chat;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Responses;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary>A checkpoint on this machine as a model that can be asked, behind the same cache, ledger and budget as a hosted one.</summary>
internal sealed record LocalCheckpoint(EndpointOptions Options, string Path, ChatTemplateOptions Chat)
{
    /// <summary>Whether a model's name is that of a checkpoint: it is there, or is written as a path or an id of the Hub.</summary>
    public static bool IsMeant(string name) => System.IO.Path.Exists(name) || name.Contains('/') || name.Contains(System.IO.Path.DirectorySeparatorChar);

    /// <summary>Nobody is paid.</summary>
    public static PriceTable Free(string name) => new(new Dictionary<string, Price> { [name] = new(0, 0) });

    /// <summary>Finds it. Its identity, which the keys of the cache stand on, is the hash of its files, what it is computed in, and what its template is told.</summary>
    /// <exception cref="RequestException">There is none.</exception>
    public static LocalCheckpoint Find(string name, HubOptions hub, ChatTemplateOptions? chat = null)
    {
        chat ??= new();
        var path = CheckpointLocator.Find(name, hub);
        var options = new EndpointOptions(name)
        {
            Address = new Uri($"checkpoint:{RunCard.HashOfModel(CheckpointLocator.PartsOf(path, hub))}/{(Processor.HasFastBf16 ? "bf16" : "fp32")}{(chat.Line.Length == 0 ? "" : "?" + Uri.EscapeDataString(chat.Line))}"),
            StructuredOutput = false,
            Concurrency = 1,
        };
        return new LocalCheckpoint(options, path, chat);
    }

    /// <summary>Opens it; the weights are read when the cache does not know an answer.</summary>
    public RecordedChatClient Open(RequestStore store, PriceTable prices, BudgetOptions budget) =>
        new(new LocalChatClient(Options.Model, () => LocalModel.Open(Path, chat: Chat)), Options, store, prices, budget, TimeProvider.System);
}
