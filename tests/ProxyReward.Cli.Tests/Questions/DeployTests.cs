using System.Runtime.Versioning;
using ProxyReward.Testing;
using YamlDotNet.RepresentationModel;

namespace ProxyReward.Cli.Tests.Questions;

/// <summary>The examples under deploy/ as their schedulers would run them: every task a process of the shell, then the merge.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeployTests : WritingServerTests
{
    private const int Tasks = 9;
    private static readonly string Deploy = Path.Combine(FixtureRoot.Repository, "deploy");

    [Fact]
    public async Task The_tasks_of_the_Slurm_array_write_the_set_of_one_command()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "a script of bash");
        var script = Path.Combine(Deploy, "slurm-questions.sh");
        Assert.Contains($"#SBATCH --array=1-{Tasks}\n", File.ReadAllText(script), StringComparison.Ordinal);
        await RunAllAsync(Enumerable.Range(1, Tasks), task => Shell.Start("bash", [script], Folder.Path, [.. Variables(), ("SLURM_ARRAY_TASK_ID", $"{task}")]));
        await RunAllAsync([1], task => Shell.Start("bash", [script], Folder.Path, [.. Variables(), ("SLURM_ARRAY_TASK_ID", $"{task}"), ("MERGE", "1")]));
        await CompareAsync();
    }

    [Fact]
    public async Task The_pods_of_the_Kubernetes_job_write_the_set_of_one_command()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "commands of sh");
        var jobs = Jobs();
        Assert.Equal(["generate", "merge"], jobs.Select(job => job["metadata"]["labels"]["step"].ToString()));
        Assert.Equal(("Indexed", $"{Tasks}"), (jobs[0]["spec"]["completionMode"].ToString(), jobs[0]["spec"]["completions"].ToString()));
        await RunAllAsync(Enumerable.Range(0, Tasks), index => Pod(jobs[0], [.. Variables(), ("JOB_COMPLETION_INDEX", $"{index}")]));
        await RunAllAsync([0], _ => Pod(jobs[1], Variables()));
        await CompareAsync();
    }

    private static List<YamlNode> Jobs()
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(Path.Combine(Deploy, "kubernetes-questions.yaml"));
        yaml.Load(text);
        return [.. yaml.Documents.Select(document => document.RootNode)];
    }

    private static async Task RunAllAsync(IEnumerable<int> tasks, Func<int, System.Diagnostics.Process> start)
    {
        foreach (var (code, output, error) in await Task.WhenAll(tasks.Select(task => start(task).EndAsync())))
        {
            Assert.True(code == 0, output + error);
        }
    }

    // The claim is mounted at /runs.
    private System.Diagnostics.Process Pod(YamlNode job, (string, string?)[] variables)
    {
        var container = job["spec"]["template"]["spec"]["containers"][0];
        string[] command = [.. ((YamlSequenceNode)container["command"]).Concat((YamlSequenceNode)container["args"]).Select(word => word.ToString())];
        return Shell.Start(command[0], command[1..].Select(word => word.Replace("/runs/", Folder["runs/"], StringComparison.Ordinal)), Folder.Path, variables);
    }

    private async Task CompareAsync()
    {
        var verbs = new Verbs();
        Assert.Equal(0, await verbs.RunAsync(
            "generate", "--model", "gpt-4o-mini", "--count", "90", "--endpoint", Server.Address.ToString(), "--cache", Folder["whole.sqlite"], "--out", Folder["whole.jsonl"]));
        Assert.Equal(File.ReadAllBytes(Folder["whole.jsonl"]), File.ReadAllBytes(Folder["runs/set.jsonl"]));
    }

    // `proxyreward` on the PATH, or `dotnet` with the program that was built in the checkout, at the fake endpoint, which nobody need be careful with: 50 requests a minute would take long.
    private (string Name, string? Value)[] Variables()
    {
        Directory.CreateDirectory(Folder["bin"]);
        Directory.CreateDirectory(Folder["runs"]);
        if (!File.Exists(Folder["bin/proxyreward"]))
        {
            File.WriteAllText(Folder["bin/proxyreward"], $$"""
                #!/bin/bash
                words=()
                for word in "$@"; do
                    if [ "$word" = 50 ]; then word=60000; fi
                    words+=("$word")
                done
                if [ "$2" = generate ]; then words+=(--endpoint "{{Server.Address}}"); fi
                exec "{{Shell.Program}}" "${words[@]}"
                """);
            File.WriteAllText(Folder["bin/dotnet"], $"#!/bin/bash\nshift\nexec \"{Folder["bin/proxyreward"]}\" \"$@\"\n");
            foreach (var name in new[] { "proxyreward", "dotnet" })
            {
                File.SetUnixFileMode(Folder[$"bin/{name}"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            Shell.LayCheckout(Folder.Path);
        }

        return [("PATH", $"{Folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("OPENAI_API_KEY", "not-a-real-key")];
    }
}
