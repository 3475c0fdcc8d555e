using System.Net;
using System.Net.Http.Headers;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>
/// Requests to the Hub: redirects followed by hand, so that the token goes to the endpoint alone, refusals explained, and what passes tried again.
/// </summary>
internal sealed class HubHttp(HubOptions options, IProgress<HubProgress>? progress) : IDisposable
{
    private const int MaxRedirects = 5, Attempts = 5;

    // The Hub counts requests over windows of five minutes.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly AuthenticationHeaderValue? authorization = AuthorizationOf(options.Token);
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = options.Patience };

    /// <summary>Sends until an answer is final, or until <paramref name="enough"/> holds for one. The caller disposes the answer.</summary>
    /// <exception cref="RequestException">The Hub refuses: no such model, no permission.</exception>
    /// <exception cref="HttpRequestException">The connection failed, or the server did: worth another attempt.</exception>
    public async Task<HttpResponseMessage> Send(
        HttpMethod method, Uri address, HubModel model, long from = 0, Func<HttpResponseMessage, bool>? enough = null, CancellationToken cancellation = default)
    {
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.UserAgent.ParseAdd("proxyreward");
            request.Headers.AcceptEncoding.ParseAdd("identity"); // hashes and sizes are of the plain bytes
            request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
            request.Headers.Authorization =
                Uri.Compare(address, options.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0 ? authorization : null;

            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (enough?.Invoke(response) == true || response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return response;
            }

            using (response)
            {
                if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                {
                    throw Refused(response, address, model);
                }

                address = new Uri(address, location);
            }
        }

        throw new RequestException($"{address}: more than {MaxRedirects} redirects; check HF_ENDPOINT.");
    }

    /// <summary>The only retry layer: connections break, servers are overloaded; refusals and wrong bytes are final.</summary>
    /// <param name="name">What is fetched, for those who watch.</param>
    /// <param name="address">Where from, for the message.</param>
    /// <param name="mend">What to do when all attempts failed.</param>
    public async Task<T> Persist<T>(string name, Uri address, string mend, Func<Task<T>> attempt, CancellationToken cancellation)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (Exception e) when (IsPassing(e) && !cancellation.IsCancellationRequested)
            {
                var (pause, asked) = (options.Pause * Math.Pow(2, tried - 1), (e as HubBusyException)?.Wait ?? TimeSpan.Zero);
                if (asked > LongestWait)
                {
                    throw new RequestException($"{e.Message} and asks to be left alone for {asked.TotalSeconds:0} s: run the command again then.", e);
                }

                if (tried == Attempts)
                {
                    throw new RequestException($"{address}: {Attempts} attempts failed, the last with: {e.Message}. {mend}.", e);
                }

                var wait = asked > pause ? asked : pause;
                progress?.Report(new HubProgress(name, 0, null) { Note = $"{e.Message}; attempt {tried + 1} of {Attempts} in {wait.TotalSeconds:0.#} s" });
                await Task.Delay(wait, cancellation).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => client.Dispose();

    private static bool IsPassing(Exception e) => e is HttpRequestException { StatusCode: null or >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout }
        or HttpIOException or OperationCanceledException
        || (e is IOException && e.InnerException is System.Net.Sockets.SocketException);

    private static AuthenticationHeaderValue? AuthorizationOf(string? token) => token is null ? null
        : token.AsSpan().IndexOfAnyExceptInRange('!', '~') is >= 0 and var at
            ? throw new RequestException($"HF_TOKEN (or, where that is not set, the file 'token' in HF_HOME): character {at + 1} is U+{(int)token[at]:X4}, which no token has; set it anew.")
            : new AuthenticationHeaderValue("Bearer", token);

    private static TimeSpan? WaitOf(HttpResponseMessage response) => response.Headers.RetryAfter is { } after
        ? after.Delta ?? (after.Date - (response.Headers.Date ?? TimeProvider.System.GetUtcNow()))
        : null;

    private Exception Refused(HttpResponseMessage response, Uri address, HubModel model)
    {
        var code = response.Headers.TryGetValues("X-Error-Code", out var values) ? values.First() : "";
        var hasToken = options.Token is not null;
        return (response.StatusCode, code) switch
        {
            (_, "GatedRepo") => new RequestException(
                $"{model.Id}: access is refused ({(int)response.StatusCode}); accept the model's terms at {new Uri(options.Endpoint, model.Id)} and set HF_TOKEN to a token of that account."),
            (HttpStatusCode.Forbidden, _) => new RequestException(
                $"{model.Id}: access is refused (403); set HF_TOKEN to a token that may read the model, and see at {new Uri(options.Endpoint, model.Id)} what it asks for."),
            (HttpStatusCode.Unauthorized, _) => new RequestException(hasToken
                ? $"{model.Id}: there is no such model, or the token in HF_TOKEN does not open it (401); check both."
                : $"{model.Id}: there is no such model, or it needs a token (401); check the name, or set HF_TOKEN."),
            (HttpStatusCode.NotFound, "RevisionNotFound") => new RequestException($"{model}: the model has no revision {model.Revision} (404); see {new Uri(options.Endpoint, model.Id)}."),
            (HttpStatusCode.NotFound, _) => new RequestException($"{model}: not found at {address} (404); check name and revision."),
            ( < HttpStatusCode.InternalServerError and not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests), _) =>
                new RequestException($"{address}: is refused ({(int)response.StatusCode}); check the name of the model and HF_ENDPOINT."),
            _ => new HubBusyException($"{address} answers {(int)response.StatusCode}", response.StatusCode, WaitOf(response)),
        };
    }
}
