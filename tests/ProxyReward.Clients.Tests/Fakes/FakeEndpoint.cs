using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ProxyReward.Clients.Endpoints;

namespace ProxyReward.Clients.Tests.Fakes;

/// <summary>An OpenAI-compatible endpoint on loopback that answers as a test tells it to, and remembers what it was asked.</summary>
public sealed class FakeEndpoint : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeEndpoint(WebApplication app) => this.app = app;

    /// <summary>The bodies that came in, in order of arrival; not kept where <see cref="Remembers"/> is off.</summary>
    public ConcurrentQueue<JsonElement> Bodies { get; } = new();

    /// <summary>The Authorization headers that came in.</summary>
    public ConcurrentQueue<string?> Authorizations { get; } = new();

    /// <summary>Replies to be given first, one each; then <see cref="Reply"/> decides.</summary>
    public ConcurrentQueue<FakeReply> Script { get; } = new();

    /// <summary>What is answered to a body.</summary>
    public Func<JsonElement, FakeReply> Reply { get; set; } = _ => FakeReply.Says("Fine.");

    /// <summary>Off for long runs.</summary>
    public bool Remembers { get; init; } = true;

    /// <summary>The address, with /v1.</summary>
    public Uri Address => new($"{app.Urls.First()}/v1");

    /// <summary>Options for this endpoint; no test waits a minute for it.</summary>
    public EndpointOptions Options => new("fake-model") { Address = Address, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Starts on a free port.</summary>
    public static async Task<FakeEndpoint> StartAsync(bool remembers = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var host = builder.Build();
        var server = new FakeEndpoint(host) { Remembers = remembers };
        host.MapPost("/v1/chat/completions", server.AnswerAsync);
        await host.StartAsync();
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    /// <summary>The text of the last user message of a body.</summary>
    public static string LastMessage(JsonElement body)
    {
        var content = body.GetProperty("messages").EnumerateArray().Last().GetProperty("content");
        return content.ValueKind == JsonValueKind.String ? content.GetString()! : content[0].GetProperty("text").GetString()!;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (Remembers)
        {
            Bodies.Enqueue(body.RootElement.Clone());
            Authorizations.Enqueue(context.Request.Headers.Authorization);
        }

        var reply = Script.TryDequeue(out var scripted) ? scripted : Reply(body.RootElement);
        if (reply.Delay > TimeSpan.Zero)
        {
            await Task.Delay(reply.Delay, context.RequestAborted);
        }

        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        foreach (var (name, value) in reply.Headers)
        {
            context.Response.Headers[name] = value;
        }

        // A promise of more than is sent, then a closed connection: a cut answer.
        context.Response.ContentLength = reply.Body.Length;
        await context.Response.Body.WriteAsync(reply.Body.AsMemory(0, reply.CutAfter ?? reply.Body.Length));
        if (reply.CutAfter is not null)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }
}
