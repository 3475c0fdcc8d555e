using System.Text;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class ModelHubTests : IDisposable
{
    private static readonly HubModel Model = HubModel.Parse("owner/tiny");

    private readonly FakeHub hub = new();
    private readonly TestFolder folder = new();

    public ModelHubTests()
    {
        hub.Files["config.json"] = "{}"u8.ToArray();
        hub.Files["model.safetensors"] = Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7)).ToArray();
        hub.Files["README.md"] = "not needed"u8.ToArray();
    }

    private HubOptions Options => new() { Endpoint = hub.Endpoint, Cache = folder.Path, Token = "secret", Pause = TimeSpan.Zero };

    [Fact]
    public async Task What_is_needed_lies_in_the_cache_as_Hugging_Faces_tools_lay_it()
    {
        var snapshot = await ModelHub.Pull(Model, Options);
        var root = folder["models--owner--tiny"];
        Assert.Equal(Path.Combine(root, "snapshots", FakeHub.Commit), snapshot);
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(root, "refs", "main")));
        Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(snapshot).Select(Path.GetFileName).Order());
        Assert.Equal(hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(snapshot, "model.safetensors")));
        var link = new FileInfo(Path.Combine(snapshot, "config.json")).LinkTarget!;
        Assert.Equal("../../blobs/9e26dfeeb6e641a33dae4961196235bdb965b21b", link); // git hash-object of "{}"
        Assert.Equal(2, Directory.GetFiles(Path.Combine(root, "blobs")).Length);
        Assert.Equal(snapshot, CheckpointLocator.Find("owner/tiny", Options));
    }

    [Fact]
    public async Task A_second_pull_fetches_no_file_again()
    {
        await ModelHub.Pull(Model, Options);
        hub.Requests.Clear();
        await ModelHub.Pull(Model, Options);
        Assert.Equal(["GET /api/models/owner/tiny/revision/main +token"], hub.Requests);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    public async Task What_is_damaged_in_the_cache_is_fetched_again_and_nothing_else(string name)
    {
        var snapshot = await ModelHub.Pull(Model, Options);
        Damage(Path.Combine(snapshot, name));
        hub.Requests.Clear();
        var notes = new Notes();
        Assert.Equal(snapshot, await ModelHub.Pull(Model, Options, progress: notes));
        Assert.Equal(hub.Files[name], File.ReadAllBytes(Path.Combine(snapshot, name)));
        Assert.All(hub.Requests.Skip(1), request => Assert.Contains(name, request, StringComparison.Ordinal));
        Assert.Contains($"{name}: is there and damaged: fetched again", notes.Said);
        Assert.Single(notes.Said, note => note.EndsWith("is there, checked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_damaged_stays_until_all_of_it_has_arrived_again()
    {
        var damaged = Path.Combine(await ModelHub.Pull(Model, Options), "model.safetensors");
        Damage(damaged);
        var bytes = File.ReadAllBytes(damaged);
        for (var i = 0; i < 5; i++)
        {
            hub.Cuts.Enqueue(10_000);
        }

        await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options));
        Assert.Equal(bytes, File.ReadAllBytes(damaged));
        await ModelHub.Pull(Model, Options);
        Assert.Equal(hub.Files["model.safetensors"], File.ReadAllBytes(damaged));
    }

    [Fact]
    public async Task Offline_what_is_damaged_is_named()
    {
        var damaged = Path.Combine(await ModelHub.Pull(Model, Options), "model.safetensors");
        Damage(damaged);
        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options with { Offline = true }));
        Assert.StartsWith($"{damaged}: is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_a_copy_and_no_link_is_held_against_the_checksum_that_the_Hub_gives()
    {
        var config = Path.Combine(await ModelHub.Pull(Model, Options), "config.json");
        File.Delete(config);
        File.WriteAllText(config, "{");
        await ModelHub.Pull(Model, Options);
        Assert.Equal("{}", File.ReadAllText(config));
    }

    [Fact]
    public async Task The_message_about_a_damaged_file_names_the_command_that_mends_it()
    {
        hub.Files["config.json"] = "{"u8.ToArray();
        var snapshot = await ModelHub.Pull(Model, Options);
        var error = Assert.Throws<RequestException>(() => Checkpoint.Open(snapshot));
        Assert.Contains($"fetch it again with 'models pull owner/tiny@{FakeHub.Commit}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(snapshot, await ModelHub.Pull(HubModel.Parse($"owner/tiny@{FakeHub.Commit}"), Options));
        Assert.EndsWith($"models pull owner/tiny@{FakeHub.Commit} --file Q4/a.gguf'", DamagedFile.Mend(Path.Combine(snapshot, "Q4", "a.gguf")), StringComparison.Ordinal);
        Assert.Equal("fetch it again from where the model came from", DamagedFile.Mend("models--owner--tiny/config.json"));
    }

    [Fact]
    public async Task An_adapter_comes_without_a_model_and_its_id_stands_for_it()
    {
        hub.Files.Clear();
        hub.Files["adapter_config.json"] = """{"base_model_name_or_path":"owner/base"}"""u8.ToArray();
        hub.Files["adapter_model.safetensors"] = [1, 2, 3];
        hub.Files["tokenizer.json"] = "{}"u8.ToArray();
        var notes = new Notes();
        var snapshot = await ModelHub.Pull(Model, Options, progress: notes);
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors", "tokenizer.json"], Directory.GetFiles(snapshot).Select(Path.GetFileName).Order());
        Assert.Contains("adapter_config.json: an adapter for owner/base, which 'models pull owner/base' fetches", notes.Said);
        Assert.Equal(snapshot, CheckpointLocator.Find("owner/tiny", Options));
        Assert.Equal(snapshot, await ModelHub.Pull(Model, Options with { Offline = true }));
    }

    [Fact]
    public async Task One_GGUF_of_several_is_fetched_by_its_name()
    {
        hub.Files.Remove("model.safetensors");
        hub.Files["Q4/one.gguf"] = Enumerable.Range(0, 100_000).Select(i => (byte)(i * 5)).ToArray();
        hub.Files["two.gguf"] = [2];
        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options));
        Assert.EndsWith("name one of its GGUF files with --file: Q4/one.gguf, two.gguf.", error.Message, StringComparison.Ordinal);

        hub.Cuts.Enqueue(60_000);
        var path = await ModelHub.Pull(Model, Options, "Q4/one.gguf");
        Assert.Equal(folder[$"models--owner--tiny/snapshots/{FakeHub.Commit}/Q4/one.gguf"], path);
        Assert.Equal(hub.Files["Q4/one.gguf"], File.ReadAllBytes(path));
        Assert.StartsWith("../../../blobs/", new FileInfo(path).LinkTarget, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(folder["models--owner--tiny/snapshots"], "*", SearchOption.AllDirectories));
        Assert.Equal(path, CheckpointLocator.Find("owner/tiny", Options));
        Assert.Equal(path, await ModelHub.Pull(Model, Options with { Offline = true }, "Q4/one.gguf"));

        var other = await ModelHub.Pull(Model, Options, "two.gguf");
        Assert.Contains($"{path}, {other}", Assert.Throws<RequestException>(() => CheckpointLocator.Find("owner/tiny", Options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent.gguf", "has no GGUF file 'absent.gguf'; it has two.gguf")]
    [InlineData("config.json", "is no GGUF file")]
    [InlineData("../two.gguf", "is no GGUF file")]
    [InlineData("/two.gguf", "is no GGUF file")]
    public async Task A_file_that_is_no_GGUF_of_the_model_is_refused(string file, string why)
    {
        hub.Files["two.gguf"] = [2];
        Assert.Contains(why, (await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options, file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shards_are_those_of_the_index()
    {
        hub.Files["one.safetensors"] = [1];
        hub.Files["two.safetensors"] = [2, 2];
        hub.Files["three.safetensors"] = [3];
        hub.Files.Remove("model.safetensors");
        hub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes("""{"weight_map":{"a":"two.safetensors","b":"one.safetensors"}}""");
        var snapshot = await ModelHub.Pull(Model, Options);
        Assert.Equal(["one.safetensors", "two.safetensors"], Directory.GetFiles(snapshot, "*.safetensors").Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_connection_that_is_cut_goes_on_where_it_stopped()
    {
        hub.Cuts.Enqueue(int.MaxValue); // the configuration comes whole
        hub.Cuts.Enqueue(100_000);
        hub.Cuts.Enqueue(50_000);
        var snapshot = await ModelHub.Pull(Model, Options);
        Assert.Equal(hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(snapshot, "model.safetensors")));
        var ranges = hub.Requests.Where(request => request.StartsWith("GET /storage", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, ranges.Count);
        Assert.All(ranges.Skip(1), request => Assert.Contains("bytes=", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pull_that_gave_up_goes_on_when_it_is_run_again()
    {
        hub.Cuts.Enqueue(int.MaxValue);
        for (var i = 0; i < 5; i++)
        {
            hub.Cuts.Enqueue(10_000);
        }

        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options));
        Assert.Contains("run the command again", error.Message, StringComparison.Ordinal);
        hub.Requests.Clear();
        var snapshot = await ModelHub.Pull(Model, Options);
        Assert.Equal(hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(snapshot, "model.safetensors")));
        Assert.Contains("bytes=", hub.Requests.Single(request => request.StartsWith("GET /storage", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_ranges_begins_anew()
    {
        hub.IgnoresRanges = true;
        hub.Cuts.Enqueue(int.MaxValue);
        hub.Cuts.Enqueue(100_000);
        var snapshot = await ModelHub.Pull(Model, Options);
        Assert.Equal(hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task Bytes_that_do_not_have_their_checksum_are_discarded()
    {
        hub.WrongHash = true;
        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options));
        Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories), file => Assert.Equal(0, new FileInfo(file).Length));
        Assert.Throws<RequestException>(() => CheckpointLocator.Find("owner/tiny", Options));
    }

    [Theory]
    [InlineData(401, "RepoNotFound", "HF_TOKEN")]
    [InlineData(401, "GatedRepo", "is refused (401); accept the model's terms")]
    [InlineData(403, "GatedRepo", "is refused (403); accept the model's terms")]
    [InlineData(403, "", "a token that may read the model")]
    [InlineData(404, "RevisionNotFound", "no revision main")]
    [InlineData(404, "RepoNotFound", "check name and revision")]
    [InlineData(451, "", "is refused (451)")]
    [InlineData(304, "", "is refused (304)")]
    [InlineData(429, "", "cannot be reached")]
    [InlineData(500, "", "cannot be reached")]
    public async Task A_refusal_says_what_to_do(int status, string code, string mend)
    {
        hub.Refusal = (status, code);
        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options));
        Assert.Contains(mend, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, null, "answers 503; attempt 2 of 5 in 0 s")]
    [InlineData(429, 1, "answers 429; attempt 2 of 5 in 1 s")]
    public async Task A_server_that_is_busy_is_asked_again_after_the_time_that_it_names(int status, int? wait, string said)
    {
        hub.Busy.Enqueue((status, wait));
        var notes = new Notes();
        await ModelHub.Pull(Model, Options, progress: notes);
        Assert.EndsWith(said, notes.Said[0], StringComparison.Ordinal);
        Assert.Equal(2, hub.Requests.Count(request => request.StartsWith("GET /api/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_wait_that_is_too_long_is_left_to_the_user()
    {
        hub.Busy.Enqueue((429, 3600));
        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options));
        Assert.Contains("asks to be left alone for 3600 s", error.Message, StringComparison.Ordinal);
        Assert.Single(hub.Requests);
    }

    [Theory]
    [InlineData("sec\u00E9ret", "HF_TOKEN (or, where that is not set, the file 'token' in HF_HOME): character 4 is U+00E9")]
    [InlineData("sec ret", "character 4 is U+0020")]
    public async Task A_token_that_can_be_none_is_named_and_not_shown(string token, string why)
    {
        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options with { Token = token }));
        Assert.StartsWith("HF_TOKEN", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sec", error.Message, StringComparison.Ordinal);
        Assert.Empty(hub.Requests);
    }

    [Fact]
    public async Task The_token_goes_to_no_other_host()
    {
        using var storage = new FakeHub();
        storage.Files["model.safetensors"] = hub.Files["model.safetensors"];
        hub.Storage = storage.Endpoint.ToString();
        await ModelHub.Pull(Model, Options);
        Assert.All(hub.Requests, request => Assert.EndsWith("+token", request, StringComparison.Ordinal));
        Assert.Equal(["GET /storage/model.safetensors "], storage.Requests);
    }

    [Fact]
    public async Task A_file_that_another_process_is_fetching_is_left_to_it()
    {
        var blobs = Directory.CreateDirectory(Path.Combine(folder["models--owner--tiny"], "blobs")).FullName;
        using var other = new FileStream(
            Path.Combine(blobs, "9e26dfeeb6e641a33dae4961196235bdb965b21b.incomplete"), FileMode.Create, FileAccess.Write, FileShare.None);
        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options));
        Assert.Contains("another process", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_uses_the_cache_and_asks_no_one()
    {
        var offline = Options with { Offline = true };
        Assert.Contains("HF_HUB_OFFLINE", (await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, offline))).Message, StringComparison.Ordinal);
        Assert.Empty(hub.Requests);
        var snapshot = await ModelHub.Pull(Model, Options);
        hub.Requests.Clear();
        Assert.Equal(snapshot, await ModelHub.Pull(Model, offline));
        Assert.Empty(hub.Requests);
    }

    [Theory]
    [InlineData("owner/../name")]
    [InlineData("../name")]
    [InlineData("owner/name@../../x")]
    [InlineData("a/b/c")]
    [InlineData("owner/name@")]
    [InlineData("")]
    public void What_could_lead_out_of_the_cache_is_no_model(string text) => Assert.Throws<RequestException>(() => HubModel.Parse(text));

    [Fact]
    public void Variables_are_those_of_Hugging_Faces_tools()
    {
        var variables = new Dictionary<string, string> { ["HF_HOME"] = folder.Path, ["HF_ENDPOINT"] = "https://mirror.example", ["HF_TOKEN"] = "t", ["HF_HUB_OFFLINE"] = "1" };
        Assert.Equal(
            new HubOptions { Endpoint = new Uri("https://mirror.example/"), Cache = folder["hub"], Token = "t", Offline = true },
            HubOptions.FromEnvironment(variables.GetValueOrDefault));
        Assert.Equal("v1.0", HubModel.Parse("owner/name@v1.0").Revision);
        Assert.Throws<RequestException>(() => HubOptions.FromEnvironment(_ => "not an address"));
    }

    [Theory]
    [InlineData("~/hf", "/home/me/hf/hub")]
    [InlineData("~", "/home/me/hub")]
    [InlineData("$DISK/hf", "/mnt/hf/hub")]
    [InlineData("/a/${DISK}x", "/a//mntx/hub")]
    [InlineData("/a/$ABSENT/~/b", "/a/$ABSENT/~/b/hub")]
    public void A_folder_is_expanded_as_Hugging_Faces_tools_do(string home, string cache)
    {
        var variables = new Dictionary<string, string> { ["HOME"] = "/home/me", ["DISK"] = "/mnt", ["HF_HOME"] = home };
        Assert.Equal(cache, HubOptions.FromEnvironment(variables.GetValueOrDefault).Cache);
        variables = new() { ["HOME"] = "/home/me", ["DISK"] = "/mnt", ["HF_HUB_CACHE"] = home };
        Assert.Equal(cache, HubOptions.FromEnvironment(variables.GetValueOrDefault).Cache + "/hub");
    }

    [Theory]
    [InlineData("  one\n", null, "one")]
    [InlineData("on\r\ne", null, "one")]
    [InlineData(" \n", "two\n", "two")]
    [InlineData(null, " ", null)]
    public void Line_breaks_and_spaces_around_a_token_are_none_of_it(string? token, string? file, string? expected)
    {
        if (file is not null)
        {
            File.WriteAllText(folder["token"], file);
        }

        Assert.Equal(expected, HubOptions.FromEnvironment(name => name == "HF_TOKEN" ? token : name == "HF_HOME" ? folder.Path : null).Token);
    }

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes); // through the link, into the blob
    }

    private sealed class Notes : IProgress<HubProgress>
    {
        public List<string> Said { get; } = [];

        public void Report(HubProgress value)
        {
            if (value.Note is { } note)
            {
                Said.Add($"{value.File}: {note}");
            }
        }
    }

    public void Dispose()
    {
        hub.Dispose();
        folder.Dispose();
    }
}
