using System.Diagnostics;
using System.Text.Json;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>llama.cpp, prebuilt for Node.js, as an independent reader of our files: see tests/llama.cpp.</summary>
internal static class LlamaCpp
{
    public sealed record Request(string Model, IReadOnlyList<IReadOnlyList<int>> Prompts, int Count, IReadOnlyList<string> Texts);

    public sealed record Answer(IReadOnlyList<IReadOnlyList<int>> Greedy, IReadOnlyList<IReadOnlyList<int>> Tokens);

    public static IReadOnlyList<Answer> Ask(IReadOnlyList<Request> requests)
    {
        var folder = Path.Combine(FixtureRoot.Repository, "tests", "llama.cpp");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")), "llama.cpp is not installed: run 'npm install --ignore-scripts' in tests/llama.cpp (Node.js 20 or later)");
        using var process = Process.Start(new ProcessStartInfo("node", ["check.mjs"])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(JsonSerializer.Serialize(requests, Json.Line));
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return JsonSerializer.Deserialize<List<Answer>>(output, Json.Line)!;
    }
}
