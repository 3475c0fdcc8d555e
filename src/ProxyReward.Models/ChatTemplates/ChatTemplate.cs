using System.Text;
using System.Text.Json;
using ProxyReward.Models.ChatTemplates.Values;
using ProxyReward.Responses;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>
/// A chat template: the subset of Jinja that models use, with the settings and functions of transformers. Templates come from strangers:
/// they see their variables and nothing else, change none of them, and are stopped when they do not come to an end. Thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    // transformers 5 gives a model's reasoning under these names, whichever of them the message has.
    private static readonly string[] ReasoningKeys = ["reasoning_content", "thinking", "reasoning"];

    private readonly Body body;
    private readonly IReadOnlySet<string> names;
    private readonly string source;
    private readonly IReadOnlyDictionary<string, string> variables;

    private ChatTemplate((Body Body, IReadOnlySet<string> Names) parsed, string source, IReadOnlyDictionary<string, string> variables)
    {
        (body, names) = parsed;
        this.source = source;
        this.variables = variables;
    }

    /// <summary>Reads a template.</summary>
    /// <param name="template">Its text.</param>
    /// <param name="source">What messages call it, for example its file.</param>
    /// <param name="variables">The tokenizer's special tokens by the names that templates use (bos_token, eos_token, …).</param>
    /// <exception cref="RequestException">It is no template, or uses what is not supported; the message has line and column.</exception>
    public static ChatTemplate Parse(string template, string source = "chat template", IReadOnlyDictionary<string, string>? variables = null) =>
        Guard(source, () => new ChatTemplate(StatementParser.Parse(template), source, variables ?? new Dictionary<string, string>()));

    /// <summary>Reads the template of a checkpoint, from chat_template.jinja or tokenizer_config.json, with its special tokens.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="name">Which, where the checkpoint has several ("default", "tool_use", …).</param>
    /// <returns>Null where the checkpoint has none: a base model.</returns>
    /// <exception cref="RequestException">A file is damaged, or the template cannot be read.</exception>
    public static ChatTemplate? Load(string folder, string name = "default") => TokenizerConfig.Load(folder) is var config && config.Templates.TryGetValue(name, out var found)
        ? Parse(found.Text, found.Source, config.SpecialTokens)
        : null;

    /// <summary>Renders a chat of plain turns.</summary>
    /// <exception cref="RequestException">The template refuses the chat, or fails on it; the message has line and column.</exception>
    public string Render(IEnumerable<ChatTurn> messages, bool addGenerationPrompt, ChatTemplateOptions? options = null) => Render(new ChatRequest
    {
        Messages = JsonSerializer.SerializeToElement(messages, Json.Line),
        AddGenerationPrompt = addGenerationPrompt,
        Now = options?.Now,
        Variables = options?.Variables ?? new ChatTemplateOptions().Variables,
    });

    /// <summary>Refuses what the template does not look at: a misspelt variable would go unnoticed.</summary>
    /// <exception cref="RequestException">It names none of these.</exception>
    public void RequireUseOf(ChatTemplateOptions options)
    {
        var unused = options.Now is not null && !names.Contains(Functions.Clock) ? "chat.now"
            : options.Variables.Keys.FirstOrDefault(name => !names.Contains(name)) is { } variable ? $"chat.variables.{variable}"
            : null;
        if (unused is not null)
        {
            throw new RequestException($"{unused}: the chat template {source} does not look at it, so that it would have no effect. Correct the name, or remove the key.");
        }
    }

    /// <summary>Renders a chat as JSON. Encode the text without adding special tokens: the template has written them.</summary>
    /// <exception cref="RequestException">The template refuses the chat, or fails on it; the message has line and column.</exception>
    public string Render(ChatRequest request) => Render(request.Now, scope =>
    {
        foreach (var (name, value) in variables)
        {
            scope.Set(name, new Text(value));
        }

        foreach (var (name, value) in request.Variables)
        {
            scope.Set(name, JsonValues.From(value));
        }

        scope.Set("messages", Prepared(JsonValues.From(request.Messages)));
        scope.Set("tools", request.Tools is { } tools ? JsonValues.From(tools) : None.Value);
        scope.Set("documents", request.Documents is { } documents ? JsonValues.From(documents) : None.Value);
        scope.Set("add_generation_prompt", Values.Boolean.Of(request.AddGenerationPrompt));
    });

    /// <summary>Renders with the variables that are set, and no others.</summary>
    internal string Render(DateTime? now, Action<Scope> set) => Guard(source, () =>
    {
        var scope = new Scope(new Rendering(now));
        set(scope);
        var output = new StringBuilder();
        body.Execute(scope, output);
        return output.ToString();
    });

    /// <summary>What transformers does to messages before it renders them: keys without a value go, reasoning gets all its names.</summary>
    private static Value Prepared(Value messages) => messages is not Sequence list ? messages : new Sequence([.. list.List.Select(message =>
    {
        if (message is not Mapping mapping)
        {
            return message;
        }

        var entries = new OrderedDictionary<Value, Value>(mapping.Entries.Where(entry => entry.Value is not None));
        if (ReasoningKeys.Select(key => entries.GetValueOrDefault(new Text(key))).FirstOrDefault(value => value is not null) is { } reasoning)
        {
            entries.TryAdd(new Text("reasoning_content"), reasoning);
            entries.TryAdd(new Text("thinking"), reasoning);
        }

        return new Mapping(entries);
    })]);

    private static T Guard<T>(string source, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (TemplateException e)
        {
            var place = e.Position is { } at ? $"{source}:{at.Line}:{at.Column}" : source;
            throw new RequestException(
                e.Raised ? $"{place}: the template refuses the chat: {e.Message}" : $"{place}: {e.Message}. Mend the template, or the chat it is given.", e);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new RequestException($"{source}: the template is nested too deep. Mend the template.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new RequestException($"{source}: the chat holds text that is not Unicode ({e.Message}). Mend the chat.", e);
        }
    }
}
