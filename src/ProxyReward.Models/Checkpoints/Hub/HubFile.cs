using System.Net;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>One file of a model: what it must hash to, and its download, which goes on where an earlier one stopped.</summary>
internal sealed class HubFile(HubHttp http, HubOptions options, HubModel model, string commit, string name, IProgress<HubProgress>? progress)
{
    private readonly Uri address = new(options.Endpoint, $"{model.Id}/resolve/{commit}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}");

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
        if (!Checksum.Is(hash))
        {
            throw new RequestException($"{address}: the server gives no checksum ('{hash}'), so the file cannot be verified; use another HF_ENDPOINT.");
        }

        var size = Header(answer, "X-Linked-Size") is { } linked && long.TryParse(linked, out var bytes) ? bytes : answer.Content.Headers.ContentLength;
        return (hash, size);
    }

    /// <summary>Downloads to a path, by way of <c>PATH.incomplete</c>; what is at the path stays until all has arrived.</summary>
    public async Task Download(string path, string hash, long? size, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = path + ".incomplete";
        await Persist(
            async () =>
            {
                await Continue(partial, hash, size, cancellation).ConfigureAwait(false);
                return true;
            },
            cancellation).ConfigureAwait(false);
        File.Move(partial, path, overwrite: true);
    }

    private async Task Continue(string partial, string hash, long? size, CancellationToken cancellation)
    {
        await using var file = OpenAlone(partial);
        if (size is { } whole && file.Length > whole)
        {
            file.SetLength(0);
        }

        if (file.Length == 0 || file.Length != size)
        {
            await Receive(file, size, cancellation).ConfigureAwait(false);
        }

        if (size is { } expected && file.Length < expected)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"{address} ended after {file.Length} of {expected} bytes");
        }

        if ((size is { } wanted && file.Length != wanted) || !await Checksum.Fits(file, hash, cancellation).ConfigureAwait(false))
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

    private async Task Receive(FileStream file, long? size, CancellationToken cancellation)
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

    private Task<T> Persist<T>(Func<Task<T>> attempt, CancellationToken cancellation) =>
        http.Persist(name, address, "What has arrived is kept: run the command again to go on", attempt, cancellation);

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
