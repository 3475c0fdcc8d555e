using System.Security.Cryptography;
using System.Text;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>What the Hub calls contents by: the SHA-256 of large files, git's SHA-1 of the others, in lower-case hex.</summary>
internal static class Checksum
{
    private const int Sha1Digits = 40, Sha256Digits = 64;

    public static bool Is(string text) => text.Length is Sha1Digits or Sha256Digits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a file has this checksum; all of it is read.</summary>
    public static async Task<bool> Fits(string path, string checksum, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        return await Fits(file, checksum, cancellation).ConfigureAwait(false);
    }

    /// <summary>The same for an open file.</summary>
    public static async Task<bool> Fits(FileStream file, string checksum, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(checksum.Length == Sha256Digits ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (checksum.Length == Sha1Digits)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Length}\0")); // git hashes a blob with its kind and length before it
        }

        file.Position = 0;
        var buffer = new byte[1 << 20];
        for (int count; (count = await file.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()) == checksum;
    }
}
