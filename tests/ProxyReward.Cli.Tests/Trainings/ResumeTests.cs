using System.Diagnostics;
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
        for (var stops = new Queue<int>([1, 5, 6, 13]); stops.TryDequeue(out var stop);)
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
        }

        Assert.Equal(0, await Lab.TrainAsync("stopped", more));
        Same();
    }

    [Fact]
    public async Task A_training_that_was_killed_goes_on_to_the_same_bits()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "kill -9 is a matter of Unix");
        Assert.Equal(0, await Lab.TrainAsync("whole", Dev));
        foreach (var stop in (int[])[3, 11])
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!)
            {
                ArgumentList = { "-method", $"{typeof(ResumeTests).FullName}.{nameof(Trains_until_it_is_killed)}" },
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { [Child] = string.Join('\n', [$"{stop}", .. Lab.Arguments("stopped", Dev)]) },
            };
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(128 + 9, process.ExitCode);
            Assert.Equal(stop, File.ReadAllLines(Lab["stopped/training.jsonl"]).Length);
        }

        Assert.Equal(0, await Lab.TrainAsync("stopped", Dev));
        Assert.Contains("stopped: train: 10 of 18 steps are there", Lab.Error, StringComparison.Ordinal); // the state before step 11, where the second kill was
        Same();
    }

    [Fact]
    public async Task Trains_until_it_is_killed()
    {
        var asked = Environment.GetEnvironmentVariable(Child)?.Split('\n');
        Assert.SkipWhen(asked is null, "runs only as the child of the test above");
        await TrainingLab.ShellAsync(
            new WatchedLoader(step =>
            {
                if (step == int.Parse(asked![0]))
                {
                    Process.GetCurrentProcess().Kill(); // SIGKILL: no finally, no flush
                    Thread.Sleep(Timeout.Infinite);
                }
            }),
            asked![1..],
            TestContext.Current.CancellationToken);
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
            Assert.Contains("the same command goes on from there", Lab.Error, StringComparison.Ordinal);
            Assert.Equal(["state.safetensors"], Directory.GetFileSystemEntries(Lab["disk/out/training"]).Select(Path.GetFileName));

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
