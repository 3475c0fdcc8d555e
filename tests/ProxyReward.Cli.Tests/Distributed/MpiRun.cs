using System.Diagnostics;
using ProxyReward.Cli.Tests.Questions;

namespace ProxyReward.Cli.Tests.Distributed;

/// <summary>The mpirun of this machine.</summary>
internal static class MpiRun
{
    private static readonly Lazy<string?> Version = new(() =>
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("mpirun", "--version") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            return process.StandardOutput.ReadToEnd();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    });

    /// <summary>Skips the test where there is none.</summary>
    public static void Require() => Assert.SkipWhen(Version.Value is null, "mpirun is not installed (Debian: openmpi-bin)");

    /// <summary>What starts so many processes of a program.</summary>
    public static string[] Words(int processes) => Version.Value!.Contains("Open MPI", StringComparison.Ordinal)
        ? ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", $"{processes}"] // the tests may run as root, on one core
        : ["mpirun", "-n", $"{processes}"];

    /// <summary>Runs a program as so many processes, to their end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        int processes, string program, IEnumerable<string> arguments, string folder, params (string Name, string? Value)[] variables)
    {
        Require();
        var words = Words(processes);
        return await Shell.Start(words[0], [.. words[1..], program, .. arguments], folder, variables).EndAsync();
    }
}
