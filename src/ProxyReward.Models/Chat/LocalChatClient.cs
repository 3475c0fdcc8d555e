using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using ProxyReward.Models.Decoding;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;

namespace ProxyReward.Models.Chat;

/// <summary>
/// A checkpoint on this machine behind the one door to language models. Honours temperature (1 where none is given), top-k, top-p, seed (0),
/// stop sequences and the limit of tokens (1,024, and never beyond the model's positions); other options are refused by name. Decoding is not
/// constrained, so an answer held to a JSON schema is refused, too: say in the prompt what form it shall have. The same question gives the same
/// answer on the same kind of machine. Thread-safe: questions wait for one another, on a thread of their own.
/// </summary>
public sealed class LocalChatClient : IChatClient
{
    private readonly EngineThread engine = new("local chat");
    private readonly Lazy<LocalModel> model;
    private readonly string name;

    /// <summary>A client for a model that is opened when it is first asked: a question that a cache answers costs no loading.</summary>
    /// <param name="name">What answers call the model.</param>
    /// <param name="open">Opens it, on the client's thread; the client disposes it.</param>
    public LocalChatClient(string name, Func<LocalModel> open)
    {
        this.name = name;
        model = new Lazy<LocalModel>(open, LazyThreadSafetyMode.None);
    }

    /// <inheritdoc/>
    /// <exception cref="RequestException">An option is not supported, the prompt is too long, or there is no such model.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>The answer as it is written: complete characters only; the last update carries why it ended, and the tokens used.</summary>
    /// <exception cref="RequestException">An option is not supported, the prompt is too long, or there is no such model.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var question = ChatQuestion.Of(messages, options, name);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stopped = left.Token;
        var pieces = Channel.CreateUnbounded<string>();
        var answering = engine.RunAsync(() => Answer(question, pieces.Writer, stopped), stopped);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellationToken))
            {
                yield return Update(new TextContent(piece), finish: null);
            }

            var (usage, finish) = await answering;
            yield return Update(new UsageContent(usage), finish);
        }
        finally
        {
            // Whoever stops listening stops the writing.
            await left.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("proxyreward", defaultModelId: name)
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        engine.Dispose();
        if (model.IsValueCreated)
        {
            model.Value.Dispose();
        }
    }

    private ChatResponseUpdate Update(AIContent content, ChatFinishReason? finish) =>
        new(ChatRole.Assistant, [content]) { ModelId = name, FinishReason = finish };

    private (UsageDetails Usage, ChatFinishReason Finish) Answer(ChatQuestion question, ChannelWriter<string> pieces, CancellationToken cancellationToken)
    {
        try
        {
            var asked = model.Value;
            var prompt = asked.Prompt(question.Turns);
            var limit = Math.Min(question.MaxNewTokens, Room(asked, prompt.Count));
            MemoryLimit.Require(
                MemoryPlan.Sampling(asked.Network.Config, asked.Network.Parameters.Compute.dtype, 1, prompt.Count, 1, limit).BesideWeights,
                $"answering a prompt of {prompt.Count} tokens with {limit} tokens",
                _ => "lower the limit of tokens, or ask for less at a time");
            var text = asked.Tokenizer.Stream(skipSpecial: true);
            var stops = new StopSequences(question.StopSequences);
            var request = new GenerationRequest(prompt, Draws.Of(question.Seed, "chat"))
            {
                GoesOn = token =>
                {
                    Write(stops.Push(text.Push(token)));
                    return !stops.Met;
                },
            };
            var generation = new Generator(asked.Network).Generate([request], question.Warpers, limit, tokensGenerated: null, cancellationToken)[0];
            Write(stops.Push(text.Flush()));
            Write(stops.Flush());
            var written = generation.Tokens.Count - (generation.Ended ? 1 : 0);
            return (
                new UsageDetails { InputTokenCount = prompt.Count, OutputTokenCount = written, TotalTokenCount = prompt.Count + written },
                generation.Ended || stops.Met ? ChatFinishReason.Stop : ChatFinishReason.Length);
        }
        finally
        {
            pieces.Complete();
        }

        void Write(string piece)
        {
            if (piece.Length > 0)
            {
                pieces.TryWrite(piece);
            }
        }
    }

    private int Room(LocalModel asked, int prompt)
    {
        var positions = asked.Network.Config.MaxPositions;
        return prompt < positions
            ? positions - prompt
            : throw new RequestException($"{name}: the prompt has {prompt} tokens and the model {positions} positions: ask for less at a time, or take a model with a longer context.");
    }
}
