using System.Net;
using System.Net.Http.Headers;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>Requests to the Hub: redirects followed by hand, so that the token goes to the endpoint alone, and refusals explained.</summary>
internal sealed class HubHttp(HubOptions options) : IDisposable
{
    private const int MaxRedirects = 5;

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
            if (options.Token is { } token && Uri.Compare(address, options.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

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

    public void Dispose() => client.Dispose();

    private Exception Refused(HttpResponseMessage response, Uri address, HubModel model)
    {
        var code = response.Headers.TryGetValues("X-Error-Code", out var values) ? values.First() : "";
        var hasToken = options.Token is not null;
        return (response.StatusCode, code) switch
        {
            (_, "GatedRepo") or (HttpStatusCode.Forbidden, _) => new RequestException(
                $"{model.Id}: access is refused (403); accept the model's terms at {new Uri(options.Endpoint, model.Id)} and set HF_TOKEN to a token of that account."),
            (HttpStatusCode.Unauthorized, _) => new RequestException(hasToken
                ? $"{model.Id}: there is no such model, or the token in HF_TOKEN does not open it (401); check both."
                : $"{model.Id}: there is no such model, or it needs a token (401); check the name, or set HF_TOKEN."),
            (HttpStatusCode.NotFound, "RevisionNotFound") => new RequestException($"{model}: the model has no revision {model.Revision} (404); see {new Uri(options.Endpoint, model.Id)}."),
            (HttpStatusCode.NotFound, _) => new RequestException($"{model}: not found at {address} (404); check name and revision."),
            ( >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests), _) =>
                new RequestException($"{address}: is refused ({(int)response.StatusCode}); check the name of the model and HF_ENDPOINT."),
            _ => new HttpRequestException($"{address} answers {(int)response.StatusCode}", null, response.StatusCode),
        };
    }
}
