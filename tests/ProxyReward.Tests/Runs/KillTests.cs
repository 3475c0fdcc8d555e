using System.Text.Json.Nodes;
using ProxyReward.Runs;
using ProxyReward.Testing;

namespace ProxyReward.Tests.Runs;

/// <summary>A run that is killed between any two writes, or in the middle of one, ends with the bytes of an undisturbed run.</summary>
public sealed class KillTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_killed_at_any_write_and_started_again_equals_an_undisturbed_one(bool torn)
    {
        var whole = folder["whole"];
        var writes = await RunAsync(whole, int.MaxValue, torn);
        Assert.True(writes > 60, $"only {writes} writes: the run is not what this test is about");
        var expected = Contents(whole);

        for (var kill = 1; kill <= writes; kill++)
        {
            var killed = folder[$"killed-{kill}"];
            await Assert.ThrowsAsync<KilledException>(() => RunAsync(killed, kill, torn));
            await RunAsync(killed, int.MaxValue, torn);
            Assert.Equal(expected, Contents(killed));
            Directory.Delete(killed, recursive: true);
        }
    }

    [Fact]
    public async Task A_finished_run_that_is_run_again_writes_nothing()
    {
        await RunAsync(folder["run"], int.MaxValue, torn: false);
        Assert.Equal(0, await RunAsync(folder["run"], int.MaxValue, torn: false));
    }

    private async Task<int> RunAsync(string to, int killAt, bool torn)
    {
        var store = new KillingStore(new RunFolder(to), killAt, torn);
        var lab = new FakeLab(folder["lab"], store.CountWrite);
        using var run = Run.Open(lab.Recipe(), lab.Parts(), store, new SilentProgress());
        await foreach (var done in new IterationRunner(run).RunAsync(TestContext.Current.CancellationToken))
        {
            Assert.NotNull(done.Arm);
        }

        return store.Writes;
    }

    // Every file with its bytes, but for times.
    private static SortedDictionary<string, string> Contents(string run)
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories))
        {
            contents[Path.GetRelativePath(run, file)] = Path.GetFileName(file) switch
            {
                "seconds.jsonl" => "",
                "events.out.tfevents.proxyreward" => $"{new FileInfo(file).Length}", // its records carry the time
                "summary.json" => WithoutSeconds(file),
                _ => File.ReadAllText(file),
            };
        }

        return contents;
    }

    private static string WithoutSeconds(string file)
    {
        var summary = JsonNode.Parse(File.ReadAllText(file))!;
        foreach (var arm in summary["iterations"]!.AsArray().Concat(summary["controls"]!.AsObject().Select(c => c.Value)))
        {
            Assert.True(arm!.AsObject().Remove("seconds"));
        }

        return summary.ToJsonString();
    }
}

/// <summary>What a kill looks like from inside.</summary>
internal sealed class KilledException : Exception;

/// <summary>A store whose process is killed before a write, or in the middle of it where it is no single step.</summary>
internal sealed class KillingStore(IRunStore inner, int killAt, bool torn) : IRunStore
{
    public int Writes { get; private set; }

    public string PathOf(string name) => inner.PathOf(name);

    public bool Exists(string name) => inner.Exists(name);

    public byte[] Read(string name) => inner.Read(name);

    public void Append(string name, ReadOnlySpan<byte> bytes)
    {
        if (torn && Writes + 1 == killAt)
        {
            inner.Append(name, bytes[..(bytes.Length / 2)]);
        }

        CountWrite();
        inner.Append(name, bytes);
    }

    public void Cut(string name, long length)
    {
        CountWrite();
        inner.Cut(name, length);
    }

    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        CountWrite();
        inner.Write(name, bytes);
    }

    public void Publish(string folder, string name)
    {
        CountWrite();
        inner.Publish(folder, name);
    }

    public void Remove(string folder)
    {
        if (inner.Exists(folder))
        {
            CountWrite();
            inner.Remove(folder);
        }
    }

    // A dead process stays dead: what its finally blocks write does not reach the disk.
    public void CountWrite()
    {
        if (++Writes >= killAt)
        {
            throw new KilledException();
        }
    }
}
