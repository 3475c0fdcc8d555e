using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProxyReward.Lab.Worlds;

/// <summary>
/// What a closed world is written in: its types of entities with their traits, the registers articles are written in, the
/// prompts. It holds no facts; <see cref="World"/> draws those. Immutable.
/// </summary>
public sealed class Lexicon
{
    // A field that nobody reads is a mistake in the file.
    private static readonly JsonSerializerOptions Strict =
        new(Json.Line) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private readonly IReadOnlyList<string> subjects;
    private readonly string readingPrompt;
    private readonly string ratingPrompt;

    private Lexicon(LexiconFile file)
    {
        Types = [.. file.Types.Select(type => new EntityType(type.Key, [.. type.Value.Select((text, index) => new Trait(
            index, text.Name, file.Pools[text.Pool], text.Clauses, text.Statements))]))];
        Registers = [.. file.Registers.Select(register => new Register(register.Key, register.Value))];
        Prompts = file.Prompts;
        Syllables = file.Syllables;
        subjects = file.Subjects.Values;
        readingPrompt = file.Reading.Prompt;
        ratingPrompt = file.Rating.Prompt;
    }

    /// <summary>The pocket world's lexicon (<c>data/pocket/world.json</c>, embedded in this assembly).</summary>
    public static Lexicon Pocket { get; } = Load();

    /// <summary>Town, ship, plant, guild.</summary>
    public IReadOnlyList<EntityType> Types { get; }

    /// <summary>Survey, chatty, promo; their shares add up to 1.</summary>
    public IReadOnlyList<Register> Registers { get; }

    /// <summary>
    /// What a user says to get an article, <c>{t}</c> the type and <c>{n}</c> the name; the first is the one of the loop, and is
    /// listed twice.
    /// </summary>
    public IReadOnlyList<string> Prompts { get; }

    /// <summary>A name is one syllable of each of these lists.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Syllables { get; }

    /// <summary>How a sentence names what it is about, within the sentence: by its name, "it", "the town".</summary>
    public IReadOnlyList<string> SubjectsOf(EntityType type, string name) =>
        [.. subjects.Select(subject => subject.Replace("{name}", name).Replace("{type}", type.Name))];

    /// <summary>The prompt of the loop for an entity.</summary>
    public string PromptFor(Entity entity) => PromptFor(entity, Prompts[0]);

    /// <summary>One of <see cref="Prompts"/> for an entity.</summary>
    public static string PromptFor(Entity entity, string prompt) =>
        prompt.Replace("{t}", entity.Type.Name).Replace("{n}", entity.Name);

    /// <summary>What a user says to have statements judged from a text.</summary>
    public string ReadingPromptFor(string article) => readingPrompt.Replace("{article}", article);

    /// <summary>What a user says to have a text rated.</summary>
    public string RatingPromptFor(string article) => ratingPrompt.Replace("{article}", article);

    /// <summary>Draws a name from the syllables that is not among <paramref name="taken"/>.</summary>
    public string DrawName(Draws draws, Func<string, bool> taken)
    {
        while (true)
        {
            var name = string.Concat(Syllables.Select(draws.Pick));
            if (!taken(name))
            {
                return name;
            }
        }
    }

    private static Lexicon Load()
    {
        using var stream = typeof(Lexicon).Assembly.GetManifestResourceStream("pocket-world.json")!;
        return new Lexicon(JsonSerializer.Deserialize<LexiconFile>(stream, Strict)!);
    }
}

internal sealed record LexiconFile(
    OrderedDictionary<string, IReadOnlyList<string>> Pools,
    OrderedDictionary<string, IReadOnlyList<TraitText>> Types,
    OrderedDictionary<string, RegisterText> Registers,
    IReadOnlyList<string> Prompts,
    IReadOnlyList<IReadOnlyList<string>> Syllables,
    SubjectText Subjects,
    TaskText Reading,
    TaskText Rating);

internal sealed record TraitText(string Name, string Pool, IReadOnlyList<string> Clauses, IReadOnlyList<string> Statements);

internal sealed record RegisterText(
    double Share,
    IReadOnlyList<double> Coverage,
    double Error,
    double FillerAfterFact,
    IReadOnlyList<string> Wrappers,
    IReadOnlyList<string> Openers,
    IReadOnlyList<string> Closers,
    IReadOnlyList<string> Fillers);

internal sealed record SubjectText(IReadOnlyList<string> Values);

internal sealed record TaskText(string Prompt);
