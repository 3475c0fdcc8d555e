using System.Diagnostics;
using ProxyReward.Cli.Tests.Questions;
using ProxyReward.Models.Policies;

namespace ProxyReward.Cli.Tests.Trainings;

/// <summary>However a training is stopped, the same command ends with the bytes of one that never was.</summary>
public sealed class ResumeTests : IDisposable
{
    private const string Child = "PROXYREWARD_TRAIN_CHILD";
    private static readonly string[] Compared = ["checkpoint/model.safetensors", "training.jsonl", "training-eval.jsonl", "training.json"];
    private readonly Lazy<TrainingLab> made = new(() => new()); // a killed child would leave it behind

    private TrainingLab Lab => made.Value;

    public void Dispose()
    {
        if (made.IsValueCreated)
        {
            made.Value.Dispose();
        }
    }

    [Theory]
    [InlineData()]
    [InlineData("--lora", "4")]
    public async Task An_interrupted_training_goes_on_to_the_same_bits(params string[] adapter)
    {
        string[] more = [.. Dev, .. adapter];
        Assert.Equal(0, await Lab.TrainAsync("whole", more));
        for (var stops = new Queue<int>([1, 4, 6, 13]); stops.TryDequeue(out var stop);)
        {
            using var interrupt = new CancellationTokenSource();
            var loader = new WatchedLoader(step =>
            {
                if (step == stop)
                {
                    interrupt.Cancel();
                }
            });
            Assert.Equal(130, await Lab.RunAsync(loader, Lab.Arguments("stopped", more), interrupt.Token));
            Assert.Equal(stop, File.ReadAllLines(Lab["stopped/training.jsonl"]).Length);
            Assert.Equal(1 + ((stop - 1) / 4), File.ReadAllLines(Lab["stopped/training-eval.jsonl"]).Length); // after step 4 the scoring was interrupted
            Assert.Equal(stop == 1, Lab.Error.Contains("17 of 17 pairs of the reference in", StringComparison.Ordinal)); // scored once
        }

        Assert.Equal(0, await Lab.TrainAsync("stopped", more));
        Same();
    }

    [Fact]
    public async Task A_training_that_was_killed_goes_on_to_the_same_bits()
    {
        Assert.Equal(0, await Lab.TrainAsync("whole", Dev));
        foreach (var stop in (int[])[3, 11])
        {
            await KilledAsync("step", stop);
            Assert.Equal(stop, File.ReadAllLines(Lab["stopped/training.jsonl"]).Length);
        }

        Assert.Equal(0, await Lab.TrainAsync("stopped", Dev));
        Assert.Contains("stopped: train: 10 of 18 steps are there", Lab.Error, StringComparison.Ordinal); // the state before step 11, where the second kill was
        Same();
    }

    [Theory]
    [InlineData(0)] // before the first step and the first state
    [InlineData(8)] // between a score and the state after it
    public async Task A_training_that_was_killed_at_a_score_still_has_the_best_weights(int step)
    {
        Lab.OpposeEval(); // nothing is better than the start
        Assert.Equal(0, await Lab.TrainAsync("whole", Dev));
        Assert.Contains("the weights of step 0 are kept", Lab.Error, StringComparison.Ordinal);
        await KilledAsync("score", step);
        Assert.EndsWith($"\"step\":{step}", File.ReadAllLines(Lab["stopped/training-eval.jsonl"])[^1].Split(',')[0], StringComparison.Ordinal);
        Assert.True(await Lab.TrainAsync("stopped", Dev) == 0, Lab.Error);
        Same();
    }

    [Fact]
    public async Task The_SIGTERM_of_a_scheduler_stops_a_training_where_it_goes_on_from()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "SIGTERM is a matter of Unix");
        using var process = Shell.Start(Shell.Program, Lab.Arguments("stopped", "--set", "dpo.epochs=1000"), Lab["."]);
        while (!File.Exists(Lab["stopped/training.jsonl"]) && !process.HasExited)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        var (code, _, error) = await process.EndAsync();
        Assert.True(code == 130, error);
        Assert.Contains("Interrupted. The same command goes on from here.", error, StringComparison.Ordinal);
        Assert.True(File.Exists(Lab["stopped/training/state.safetensors"]));
    }

    [Fact]
    public async Task Trains_until_it_is_killed()
    {
        var asked = Environment.GetEnvironmentVariable(Child)?.Split('\n');
        Assert.SkipWhen(asked is null, "runs only as the child of the test above");
        await TrainingLab.ShellAsync(
            new WatchedLoader(step => Told("step", step), scored: step => Told("score", step)),
            asked![1..],
            TestContext.Current.CancellationToken);

        void Told(string what, int step)
        {
            if (asked![0] == $"{what} {step}")
            {
                Process.GetCurrentProcess().Kill(); // SIGKILL: no finally, no flush
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }

    [Fact]
    public async Task A_full_disk_stops_the_training_with_what_was_kept_intact()
    {
        var disk = Directory.CreateDirectory(Lab["disk"]).FullName;
        Assert.SkipUnless(OperatingSystem.IsLinux() && Mount("-t", "tmpfs", "-o", $"size={MegabytesOfState() + 4}m", "tmpfs", disk), "a small file system can be mounted by root on Linux only");
        try
        {
            Assert.Equal(0, await Lab.TrainAsync("whole"));
            var asked = Lab.Arguments("disk/out");

            // The first state fits; the second one, written beside it, does not.
            Assert.Equal(1, await Lab.RunAsync(new WatchedLoader(_ => { }), asked));
            Assert.Contains("The work failed: ", Lab.Error, StringComparison.Ordinal);
            Assert.Contains("give the same command again", Lab.Error, StringComparison.Ordinal);
            Assert.Equal(["state.safetensors"], Directory.GetFileSystemEntries(Lab["disk/out/training"]).Select(Path.GetFileName).Where(name => !name!.StartsWith("reference-", StringComparison.Ordinal)));

            Assert.True(Mount("-o", "remount,size=200m", disk));
            Assert.Equal(0, await Lab.RunAsync(new LocalPolicyLoader(), asked));
            Assert.Contains("out: train: 1 of 18 steps are there", Lab.Error, StringComparison.Ordinal);
            Assert.Equal(File.ReadAllBytes(Lab.Checkpoint("whole")), File.ReadAllBytes(Lab.Checkpoint("disk/out")));
        }
        finally
        {
            using var process = Process.Start("umount", [disk]);
            process.WaitForExit();
        }
    }

    private async Task KilledAsync(string what, int step)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "kill -9 is a matter of Unix");
        using var process = Shell.Start(
            Environment.ProcessPath!, ["-method", $"{typeof(ResumeTests).FullName}.{nameof(Trains_until_it_is_killed)}"], Lab["."],
            (Child, string.Join('\n', [$"{what} {step}", .. Lab.Arguments("stopped", Dev)])));
        Assert.Equal(128 + 9, (await process.EndAsync()).Code);
    }

    private string[] Dev => ["--eval", Lab.Eval, "--set", "dev.every_steps=4", "--set", "dev.keep=best"];

    private void Same()
    {
        foreach (var file in Compared)
        {
            Assert.Equal(File.ReadAllBytes(Lab[$"whole/{file}"]), File.ReadAllBytes(Lab[$"stopped/{file}"]));
        }

        Assert.Equal(new FileInfo(Lab["whole/events.out.tfevents.proxyreward"]).Length, new FileInfo(Lab["stopped/events.out.tfevents.proxyreward"]).Length);
    }

    // Masters and two moments.
    private static long MegabytesOfState()
    {
        using var model = LocalModel.Open(TrainingLab.Model);
        return 12 * model.Network.Parameters.Layout.Size / 1_000_000;
    }

    private static bool Mount(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("mount", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
