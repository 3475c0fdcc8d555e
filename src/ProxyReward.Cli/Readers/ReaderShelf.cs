using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Reading;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Recipes;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Readers;

/// <summary>Opens the readers that a recipe names, each when it is first asked for and once. Thread-safe.</summary>
/// <param name="world">The pocket lab's.</param>
/// <param name="models">Opens models that are asked.</param>
/// <param name="seed">The recipe's.</param>
internal sealed class ReaderShelf(Lazy<World> world, AskedModels models, long seed)
{
    private readonly Dictionary<ReaderChoice, IReader> readers = [];
    private readonly Lock gate = new();

    /// <summary>The reader of a choice.</summary>
    /// <exception cref="RequestException">It cannot be opened.</exception>
    public IReader Of(ReaderChoice choice)
    {
        lock (gate)
        {
            if (!readers.TryGetValue(choice, out var reader))
            {
                readers[choice] = reader = Open(choice.Kind, choice.Options);
            }

            return reader;
        }
    }

    private IReader Open(ReaderKind kind, ReadingOptions options) => kind switch
    {
        ReaderKind.Exact => new ExactReader(world.Value),
        ReaderKind.Value => new ValueReader(world.Value),
        ReaderKind.Evidence => new EvidenceReader(),
        ReaderKind.Chat => Chat(options),
        _ => throw new RequestException($"reader: this build has no reader '{RecipeFile.Spell(kind)}'. Use chat, or a reader that needs no model."),
    };

    private IReader Chat(ReadingOptions options)
    {
        // An attempt adds to the seed: the readings keep clear of each other's.
        var readings = Enumerable.Range(0, options.Repeats).Select(reading => Windowed(
            new ChatReader(models.Open(options, "reading", seed + (reading * options.Attempts)), options.Ask), options)).ToList();
        return readings.Count == 1 ? readings[0] : new RepeatedReader(readings);
    }

    private static IReader Windowed(IReader reader, ReadingOptions options) => options.WindowTokens == 0
        ? reader
        : new WindowedReader(reader, options.WindowTokens, options.Overlap, TokenEstimate.OfText);
}
