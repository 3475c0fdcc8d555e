using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>How much of a file has arrived, in bytes; <paramref name="Total"/> is null where the server does not say.</summary>
public sealed record HubProgress(string File, long Done, long? Total);

/// <summary>One file of a model: what it must hash to, and its download, which goes on where an earlier one stopped.</summary>
internal sealed class HubFile(HubHttp http, HubOptions options, HubModel model, Uri address, string name)
{
    private const int Attempts = 5;

    /// <summary>
    /// Asks for hash and size: of large files the SHA-256 (X-Linked-Etag, on the answer that redirects to the storage), of others git's
    /// SHA-1 of the blob.
    /// </summary>
    public async Task<(string Hash, long? Size)> Describe(CancellationToken cancellation)
    {
        using var answer = await Persist(
            () => http.Send(HttpMethod.Head, address, model, enough: response => Header(response, "X-Linked-Etag") is not null, cancellation: cancellation),
            cancellation).ConfigureAwait(false);
        var hash = (Header(answer, "X-Linked-Etag") ?? answer.Headers.ETag?.Tag ?? "").Replace("W/", "", StringComparison.Ordinal).Trim('"');
        if (hash.Length is not (40 or 64) || !hash.All(char.IsAsciiHexDigitLower))
        {
            throw new RequestException($"{address}: the server gives no checksum ('{hash}'), so the file cannot be verified; use another HF_ENDPOINT.");
        }

        var size = Header(answer, "X-Linked-Size") is { } linked && long.TryParse(linked, out var bytes) ? bytes : answer.Content.Headers.ContentLength;
        return (hash, size);
    }

    /// <summary>Downloads to a path, by way of <c>PATH.incomplete</c>.</summary>
    public async Task Download(string path, string hash, long? size, IProgress<HubProgress>? progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = path + ".incomplete";
        await Persist(
            async () =>
            {
                await Continue(partial, hash, size, progress, cancellation).ConfigureAwait(false);
                return true;
            },
            cancellation).ConfigureAwait(false);
        File.Move(partial, path, overwrite: true);
    }

    private async Task Continue(string partial, string hash, long? size, IProgress<HubProgress>? progress, CancellationToken cancellation)
    {
        await using var file = OpenAlone(partial);
        if (size is { } whole && file.Length > whole)
        {
            file.SetLength(0);
        }

        if (file.Length == 0 || file.Length != size)
        {
            await Receive(file, size, progress, cancellation).ConfigureAwait(false);
        }

        if (size is { } expected && file.Length < expected)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"{address} ended after {file.Length} of {expected} bytes");
        }

        file.Position = 0;
        if ((size is { } wanted && file.Length != wanted) || await HashOf(file, hash.Length, cancellation).ConfigureAwait(false) != hash)
        {
            var length = file.Length;
            file.SetLength(0);
            throw new RequestException($"{address}: the {length} bytes that arrived do not have the checksum {hash}; they were discarded, try again or use another HF_ENDPOINT.");
        }
    }

    // Two processes must not write one blob.
    private static FileStream OpenAlone(string partial)
    {
        try
        {
            return new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{partial}: cannot be written ({e.Message}); if another process is fetching this model, wait for it.", e);
        }
    }

    private async Task Receive(FileStream file, long? size, IProgress<HubProgress>? progress, CancellationToken cancellation)
    {
        using var response = await http.Send(HttpMethod.Get, address, model, from: file.Length, cancellation: cancellation).ConfigureAwait(false);
        var continues = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == file.Length;
        if (!continues)
        {
            file.SetLength(0); // the server begins anew, or knows nothing from there on
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new HttpRequestException($"{address} answers {(int)response.StatusCode} to a request for the rest of a file");
            }
        }

        file.Position = file.Length;
        await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var buffer = new byte[1 << 16];
        while (true)
        {
            patience.CancelAfter(options.Patience);
            var count = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (count == 0)
            {
                return;
            }

            if (size is { } limit && file.Length + count > limit)
            {
                file.SetLength(0);
                throw new RequestException($"{address}: sends more than the {limit} bytes it announced; try again or use another HF_ENDPOINT.");
            }

            await file.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            progress?.Report(new HubProgress(name, file.Length, size));
        }
    }

    private static async Task<string> HashOf(FileStream file, int digits, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(digits == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (digits == 40)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Length}\0")); // git hashes a blob with its kind and length before it
        }

        var buffer = new byte[1 << 16];
        for (int count; (count = await file.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // The only retry layer: connections break, servers are overloaded; refusals and wrong bytes are final.
    private async Task<T> Persist<T>(Func<Task<T>> attempt, CancellationToken cancellation)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (Exception e) when (IsPassing(e) && !cancellation.IsCancellationRequested)
            {
                if (tried == Attempts)
                {
                    throw new RequestException($"{address}: {Attempts} attempts failed, the last with: {e.Message}. What has arrived is kept: run the command again to go on.", e);
                }

                await Task.Delay(options.Pause * Math.Pow(2, tried - 1), cancellation).ConfigureAwait(false);
            }
        }
    }

    private static bool IsPassing(Exception e) => e is HttpRequestException { StatusCode: null or >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout }
        or HttpIOException or OperationCanceledException
        || (e is IOException && e.InnerException is System.Net.Sockets.SocketException);

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
