using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ProxyReward.Testing;

/// <summary>A server on this machine that speaks the Hub's protocol: model lists, redirects of large files to storage, ranges, refusals.</summary>
public sealed class FakeHub : IDisposable
{
    /// <summary>What every revision is.</summary>
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly HttpListener listener = new();

    /// <summary>Listens on a free port.</summary>
    public FakeHub()
    {
        // Between finding a free port and taking it another process may be faster: try again.
        for (var tried = 0; ; tried++)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
            }

            listener.Prefixes.Clear();
            listener.Prefixes.Add(Endpoint.ToString());
            try
            {
                listener.Start();
                break;
            }
            catch (HttpListenerException) when (tried < 10)
            {
            }
        }

        _ = Serve();
    }

    /// <summary>What HF_ENDPOINT is set to.</summary>
    public Uri Endpoint { get; }

    /// <summary>Where large files are redirected to: a path of this server, or another one.</summary>
    public string Storage { get; set; } = "/";

    /// <summary>The files of its one model, by name.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>"METHOD path range" of every request, with "+token" where one came along.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Bytes after which the connection is cut, one for each answer from storage; then no more.</summary>
    public ConcurrentQueue<int> Cuts { get; } = [];

    /// <summary>Answers everything under the model with this status and X-Error-Code.</summary>
    public (int Status, string Code)? Refusal { get; set; }

    /// <summary>Answers the next requests, whatever they ask, with a status and seconds to wait (Retry-After, where it is not null).</summary>
    public ConcurrentQueue<(int Status, int? Wait)> Busy { get; } = [];

    /// <summary>Announces checksums that are not those of the files.</summary>
    public bool WrongHash { get; set; }

    /// <summary>Sends whole files to those who ask for the rest of one.</summary>
    public bool IgnoresRanges { get; set; }

    /// <inheritdoc/>
    public void Dispose() => listener.Close();

    private async Task Serve()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            try
            {
                Answer(context.Request, context.Response);
            }
            catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                context.Response.Abort(); // the client went away
            }
        }
    }

    private void Answer(HttpListenerRequest request, HttpListenerResponse response)
    {
        var path = request.Url!.AbsolutePath;
        var hasToken = request.Headers["Authorization"] is { } value && value.StartsWith("Bearer ", StringComparison.Ordinal);
        Requests.Enqueue($"{request.HttpMethod} {path} {request.Headers["Range"]}{(hasToken ? "+token" : "")}");
        if (Busy.TryDequeue(out var busy))
        {
            response.StatusCode = busy.Status;
            if (busy.Wait is { } seconds)
            {
                response.Headers["Retry-After"] = $"{seconds}";
            }

            response.Close();
        }
        else if (Refusal is { } refusal)
        {
            response.StatusCode = refusal.Status;
            response.Headers["X-Error-Code"] = refusal.Code;
            response.Close();
        }
        else if (path.StartsWith("/api/models/", StringComparison.Ordinal))
        {
            var list = new { sha = Commit, siblings = Files.Keys.Append("pytorch_model.bin").Select(rfilename => new { rfilename }) };
            response.Close(JsonSerializer.SerializeToUtf8Bytes(list), willBlock: true);
        }
        else
        {
            var isStorage = path.StartsWith("/storage/", StringComparison.Ordinal);
            var before = isStorage ? "/storage/" : $"/resolve/{Commit}/";
            var name = path.Split(before, 2) is [_, var behind] ? Uri.UnescapeDataString(behind) : "";
            AnswerFile(request, response, name, isStorage);
        }
    }

    // Weights live in storage, under their SHA-256; the rest is sent at once, under git's hash.
    private void AnswerFile(HttpListenerRequest request, HttpListenerResponse response, string name, bool isStorage)
    {
        if (!Files.TryGetValue(name, out var bytes))
        {
            response.StatusCode = 404;
            response.Close();
            return;
        }

        var isLarge = Path.GetExtension(name) is ".safetensors" or ".gguf";
        using var hasher = IncrementalHash.CreateHash(isLarge ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        hasher.AppendData(isLarge ? [] : Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"));
        hasher.AppendData(bytes);
        var hash = Convert.ToHexStringLower(hasher.GetHashAndReset());
        hash = WrongHash ? new string('0', hash.Length) : hash;
        if (isLarge && !isStorage)
        {
            response.StatusCode = 302;
            response.Headers["X-Linked-Etag"] = $"\"{hash}\"";
            response.Headers["X-Linked-Size"] = $"{bytes.Length}";
            response.Headers["Location"] = $"{Storage}storage/{name}";
            response.Close();
            return;
        }

        response.Headers["ETag"] = $"\"{hash}\"";
        var from = 0;
        if (!IgnoresRanges && request.Headers["Range"] is { } range)
        {
            from = int.Parse(range["bytes=".Length..].TrimEnd('-'));
            response.StatusCode = 206;
            response.Headers["Content-Range"] = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
        }

        response.ContentLength64 = bytes.Length - from;
        if (request.HttpMethod == "HEAD")
        {
            response.Close();
        }
        else if (Cuts.TryDequeue(out var cut) && cut < bytes.Length - from)
        {
            response.OutputStream.Write(bytes, from, cut);
            response.OutputStream.Flush();
            response.Abort();
        }
        else
        {
            response.OutputStream.Write(bytes, from, bytes.Length - from);
            response.Close();
        }
    }
}
