using Microsoft.Extensions.AI;
using ProxyReward.Models.ChatTemplates;
using ProxyReward.Models.Decoding;

namespace ProxyReward.Models.Chat;

/// <summary>
/// What a model on this machine is asked: the turns, and how the answer is drawn. What this engine cannot do is refused by name, so that no
/// option is without effect.
/// </summary>
/// <param name="Turns">System, user and assistant turns, in order.</param>
/// <param name="Warpers">How tokens are drawn.</param>
/// <param name="MaxNewTokens">Tokens of the answer at most.</param>
/// <param name="Seed">The same seed gives the same answer.</param>
/// <param name="StopSequences">The answer ends before the first of them.</param>
internal sealed record ChatQuestion(
    IReadOnlyList<ChatTurn> Turns, Warpers Warpers, int MaxNewTokens, long Seed, IReadOnlyList<string> StopSequences)
{
    /// <summary>Where a question does not bound its answer.</summary>
    public const int DefaultMaxNewTokens = 1024;

    // Other layers of the program leave their notes for one another under such names; they are no options.
    private const string Notes = "proxyreward.";

    private static readonly HashSet<ChatRole> Roles = [ChatRole.System, ChatRole.User, ChatRole.Assistant];

    /// <summary>Reads messages and options.</summary>
    /// <param name="model">The name of the model that is asked.</param>
    /// <exception cref="RequestException">Something is asked for that this engine does not do, or a value cannot work.</exception>
    public static ChatQuestion Of(IEnumerable<ChatMessage> messages, ChatOptions? options, string model)
    {
        options ??= new ChatOptions();
        RefuseWhatIsNotDone(options, model);
        var stops = options.StopSequences?.ToList() ?? [];
        Require(!stops.Exists(string.IsNullOrEmpty), "a stop sequence is empty; leave it out");
        Require(options.Temperature is null or >= 0 and <= 100, $"temperature: is {options.Temperature}; 0 (the likeliest token) to 100");
        Require(options.TopP is null or > 0 and <= 1, $"top_p: is {options.TopP}; above 0, to 1");
        Require(options.TopK is null or >= 1, $"top_k: is {options.TopK}; 1 or more, or none");
        Require(options.MaxOutputTokens is null or >= 1, $"max_output_tokens: is {options.MaxOutputTokens}; 1 or more");
        return new ChatQuestion(
            TurnsOf(messages, options.Instructions),
            new Warpers(1, options.Temperature ?? 1, options.TopK ?? 0, options.TopP ?? 1),
            options.MaxOutputTokens ?? DefaultMaxNewTokens,
            options.Seed ?? 0,
            stops);
    }

    private static List<ChatTurn> TurnsOf(IEnumerable<ChatMessage> messages, string? instructions)
    {
        List<ChatTurn> turns = instructions is null ? [] : [new ChatTurn(ChatRole.System.Value, instructions)];
        foreach (var message in messages)
        {
            Require(Roles.Contains(message.Role), $"a message of the role '{message.Role}': system, user and assistant are understood");
            Require(
                message.Contents.All(content => content is TextContent),
                $"a message holds {message.Contents.FirstOrDefault(content => content is not TextContent)?.GetType().Name}: only text is understood");
            turns.Add(new ChatTurn(message.Role.Value, message.Text));
        }

        Require(turns.Count > 0, "there is no message; ask something");
        return turns;
    }

    private static void RefuseWhatIsNotDone(ChatOptions options, string model)
    {
        var refused =
            options.Tools is { Count: > 0 } || options.ToolMode is not null || options.AllowMultipleToolCalls is not null ? "tools"
            : options.ResponseFormat is ChatResponseFormatJson ? "an answer held to JSON or to a schema (say in the prompt what form it shall have, and read it with tolerance)"
            : options.FrequencyPenalty is not null ? "frequency_penalty"
            : options.PresencePenalty is not null ? "presence_penalty"
            : options.Reasoning is not null ? "reasoning options"
            : options.RawRepresentationFactory is not null ? "raw options"
            : options.ConversationId is not null ? "a conversation kept by the model's side"
            : options.ContinuationToken is not null || options.AllowBackgroundResponses is not null ? "background responses"
            : options.ModelId is { } other && other != model ? $"the model '{other}': here is '{model}'"
            : options.AdditionalProperties?.Keys.FirstOrDefault(key => !key.StartsWith(Notes, StringComparison.Ordinal)) is { } name ? $"the property '{name}'"
            : null;
        Require(refused is null, $"a model on this machine cannot be asked for {refused}");
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new RequestException($"{problem}.");
        }
    }
}
