namespace ProxyReward.Cli.Results;

/// <summary>Words of commands that are printed for people to copy.</summary>
internal static class ShellWord
{
    /// <summary>The word as a POSIX shell takes it for one, whatever is in it.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "_./=:@%+,-".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
