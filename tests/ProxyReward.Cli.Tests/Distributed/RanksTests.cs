using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using ProxyReward.Cli.Tests.Questions;
using ProxyReward.Cli.Tests.Trainings;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Policies;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Distributed;

/// <summary><c>mpirun -n 2 proxyreward train</c>, as a user starts it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RanksTests : IDisposable
{
    private const string Child = "PROXYREWARD_RANK_CHILD";
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
    public async Task Two_ranks_end_with_the_weights_and_numbers_of_one_process(params string[] adapter)
    {
        var (code, output, error) = await MpiRun.RunAsync(2, Shell.Program, Arguments("two", adapter), Lab["."]);
        Assert.True(code == 0, error);
        Assert.True(await Lab.RunAsync(Arguments("one", adapter)) == 0, Lab.Error);
        NearlyTheSame();
        Assert.Equal(Lab["two/checkpoint"], output.Trim()); // only the first process prints
        Assert.Single(error.Split('\n'), line => line.Contains("12 pairs trained on, 0 left out; 9 steps", StringComparison.Ordinal));
        using var card = JsonDocument.Parse(File.ReadAllBytes(Lab["two/train.json"]));
        Assert.Equal("2", card.RootElement.GetProperty("engine").GetProperty("processes").GetString());

        (code, output, _) = await MpiRun.RunAsync(2, Shell.Program, Arguments("two", adapter), Lab["."]); // done already
        Assert.Equal((0, Lab["two/checkpoint"]), (code, output.Trim()));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1)] // the state it goes on from is one whose dev pairs were scored
    public async Task A_killed_rank_ends_the_others_and_the_same_command_goes_on(int every)
    {
        MpiRun.Require();
        var killed = await MpiRun.RunAsync(
            2, Environment.ProcessPath!, ["-method", $"{typeof(RanksTests).FullName}.{nameof(Trains_until_its_rank_is_killed)}"], Lab["."],
            (Child, string.Join('\n', Arguments("two", every))));
        Assert.NotEqual(0, killed.Code);
        Assert.Matches("(?i)signal 9|killed", killed.Output + killed.Error);
        Assert.False(Directory.Exists(Lab["two/checkpoint"]));

        var (code, _, error) = await MpiRun.RunAsync(2, Shell.Program, Arguments("two", every), Lab["."]);
        Assert.True(code == 0, error);
        Assert.Matches("two: train: [45] of 9 steps are there", error);
        Assert.Equal(0, await Lab.RunAsync(Arguments("one", every)));
        NearlyTheSame();
    }

    [Fact]
    public async Task Trains_until_its_rank_is_killed()
    {
        var asked = Environment.GetEnvironmentVariable(Child)?.Split('\n');
        Assert.SkipWhen(asked is null, "runs only as the child of the test above");
        var ranks = Ranks.Single;
        var policies = new WatchedLoader(
            step =>
            {
                if (step == 5 && ranks.Rank == 1)
                {
                    Process.GetCurrentProcess().Kill(); // SIGKILL
                    Thread.Sleep(Timeout.Infinite);
                }
            },
            () => ranks);
        await new CommandLine(
            new Composition(policies, (_, _) => throw new NotSupportedException(), join: () => ranks = Launcher.Join(Environment.GetEnvironmentVariable)),
            run => run, TextWriter.Null, Console.Error).RunAsync(asked!, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_step_that_cannot_be_shared_evenly_is_refused()
    {
        var (code, _, error) = await MpiRun.RunAsync(2, Shell.Program, [.. Arguments("two"), "--set", "dpo.gradient_accumulation=3"], Lab["."]);
        Assert.Equal(2, code);
        Assert.Contains("the 3 micro-batches of a step cannot be shared evenly by 2 processes", error, StringComparison.Ordinal);
        Assert.Contains("--set dpo.gradient_accumulation=4", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Lab["two"]));
    }

    [Fact]
    public async Task A_wrong_file_of_pairs_ends_all_ranks_with_one_message()
    {
        File.AppendAllText(Lab.Pairs, "{}\n");
        var (code, _, error) = await MpiRun.RunAsync(2, Shell.Program, Arguments("two"), Lab["."]);
        Assert.Equal(2, code);
        Assert.Single(error.Split('\n'), line => line.Contains("pairs.jsonl:13", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_a_launcher_started_without_an_MPI_library_is_told_so()
    {
        // No launcher is needed to say that there is one; Hydra's variables let either library answer, as one process alone.
        var (code, _, error) = await Shell.Start(Shell.Program, Arguments("two"), Lab["."], ("PMI_SIZE", "2")).EndAsync();
        Assert.NotEqual(0, code);
        Assert.True(
            error.Contains("no MPI library was found", StringComparison.Ordinal) || error.Contains("belongs to another MPI than the launcher", StringComparison.Ordinal), error);
    }

    [Fact]
    public async Task The_Slurm_script_trains_over_its_processes()
    {
        MpiRun.Require();
        var script = Path.Combine(FixtureRoot.Repository, "deploy", "slurm-train.sh");
        Assert.Contains("#SBATCH --nodes=2\n#SBATCH --ntasks-per-node=1\n", File.ReadAllText(script), StringComparison.Ordinal);
        Directory.CreateDirectory(Lab["bin"]);
        Program("srun", $"""while [[ "$1" == --* ]]; do shift; done; exec {string.Join(' ', MpiRun.Words(2))} "$@" """);
        var (code, output, error) = await Shell.Start("bash", [script, Lab.Pairs, TrainingLab.Model, "trained"], Lab["."]).EndAsync();
        Assert.True(code == 2 && error.Contains("build it first", StringComparison.Ordinal), output + error);
        Shell.LayCheckout(Lab["."]);
        (code, output, error) = await Shell.Start(
            "bash", [script, Lab.Pairs, TrainingLab.Model, "trained"], Lab["."], ("PATH", $"{Lab["bin"]}:{Environment.GetEnvironmentVariable("PATH")}")).EndAsync();
        Assert.True(code == 0, output + error);
        Assert.True(File.Exists(Lab.Checkpoint("trained")));
        Assert.Contains("\"processes\": \"2\"", File.ReadAllText(Lab["trained/train.json"]), StringComparison.Ordinal);
    }

    // Six micro-batches an epoch, two a step.
    private string[] Arguments(string name, params string[] more) => Arguments(name, 4, more);

    private string[] Arguments(string name, int every, params string[] more) =>
        [.. Lab.Arguments(name, more), "--set", "dpo.gradient_accumulation=2", "--set", "dpo.learning_rate=1e-4", "--eval", Lab.Eval, "--set", $"dev.every_steps={every}"];

    private void Program(string name, string line)
    {
        File.WriteAllText(Lab[$"bin/{name}"], $"#!/bin/bash\n{line}\n");
        File.SetUnixFileMode(Lab[$"bin/{name}"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void NearlyTheSame()
    {
        foreach (var log in new[] { "training.jsonl", "training-eval.jsonl" })
        {
            var (one, two) = (Numbers($"one/{log}"), Numbers($"two/{log}"));
            Assert.Equal(one.Length, two.Length);
            Assert.All(one.Zip(two), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, Math.Abs(pair.First))));
        }

        using var start = SafetensorsFolder.Open(TrainingLab.Model);
        using var first = SafetensorsFolder.Open(Lab["one/checkpoint"]);
        using var second = SafetensorsFolder.Open(Lab["two/checkpoint"]);
        var (apart, moved) = (0.0, 0.0);
        foreach (var (name, shape) in first.Shapes)
        {
            var size = (int)shape.Aggregate(1L, (product, side) => product * side);
            float[] before = new float[size], one = new float[size], two = new float[size];
            start.ReadFloat32(name, before);
            first.ReadFloat32(name, one);
            second.ReadFloat32(name, two);
            apart = Math.Max(apart, one.Zip(two, (a, b) => Math.Abs(a - b)).Max());
            moved = Math.Max(moved, one.Zip(before, (a, b) => Math.Abs(a - b)).Max());
        }

        Assert.True(apart <= 1e-5, $"weights are {apart} apart, where the training moved them by {moved}");
        Assert.True(moved > 1e-4, $"the training moved nothing by more than {moved}");
    }

    private double[] Numbers(string log) =>
        [.. File.ReadLines(Lab[log]).SelectMany(line => JsonDocument.Parse(line).RootElement.EnumerateObject().Select(value => value.Value.GetDouble()))];
}
