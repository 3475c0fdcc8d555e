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
    [InlineData(403, "GatedRepo", "accept the model's terms")]
    [InlineData(404, "RevisionNotFound", "no revision main")]
    [InlineData(404, "RepoNotFound", "check name and revision")]
    [InlineData(451, "", "is refused (451)")]
    [InlineData(429, "", "cannot be reached")]
    [InlineData(500, "", "cannot be reached")]
    public async Task A_refusal_says_what_to_do(int status, string code, string mend)
    {
        hub.Refusal = (status, code);
        var error = await Assert.ThrowsAsync<RequestException>(() => ModelHub.Pull(Model, Options));
        Assert.Contains(mend, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
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

    public void Dispose()
    {
        hub.Dispose();
        folder.Dispose();
    }
}
