using System.Diagnostics;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Questions;

/// <summary>The command line as processes of their own.</summary>
internal static class Shell
{
    /// <summary>The program of the same build. The copy beside the tests lacks what the tests take from ASP.NET.</summary>
    public static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "ProxyReward.Cli.Tests"), Path.Combine("src", "ProxyReward.Cli"), StringComparison.Ordinal),
        OperatingSystem.IsWindows() ? "ProxyReward.Cli.exe" : "ProxyReward.Cli");

    /// <summary>Lays the program into a folder as if that were a checkout where it was built for release.</summary>
    public static void LayCheckout(string folder)
    {
        var built = Path.GetDirectoryName(Program)!;
        var names = Path.GetRelativePath(FixtureRoot.Repository, built).Split(Path.DirectorySeparatorChar); // src, ProxyReward.Cli, bin, the configuration, the framework
        names[^2] = "Release";
        var place = Path.Combine([folder, .. names]);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        Directory.CreateSymbolicLink(place, built);
    }

    /// <summary>Starts a program in a folder.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, string folder, params (string Name, string? Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Exit code, and what it said.</returns>
    public static async Task<(int Code, string Output, string Error)> EndAsync(this Process process)
    {
        using (process)
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await error);
        }
    }
}
