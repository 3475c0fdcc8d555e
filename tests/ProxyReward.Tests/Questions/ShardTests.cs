using CsCheck;
using ProxyReward.Questions;

namespace ProxyReward.Tests.Questions;

public sealed class ShardTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("shards").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_merge_of_any_number_of_shards_has_the_bytes_of_an_unsharded_run()
    {
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 7], Gen.Int[1, 5]).Sample((items, count, batch) =>
        {
            string[] plan = [.. Enumerable.Range(0, items).Select(i => $"q{i}é")];
            var whole = Path.Combine(folder, "out.jsonl");
            Write(whole, plan);
            var expected = File.ReadAllBytes(whole);
            var shards = Enumerable.Range(1, count).Select(i => new Shard(i, count)).ToList();
            foreach (var shard in shards)
            {
                Write(shard.PathOf(whole), shard.Of(plan, batch));
            }

            // In any order.
            Shard.Merge(plan, [.. shards.Select(shard => shard.PathOf(whole)).Reverse()], whole);
            Assert.Equal(expected, File.ReadAllBytes(whole));
        }, iter: 200, threads: 1);

        static void Write(string path, IEnumerable<string> ids) =>
            File.WriteAllLines(path, ids.SelectMany(id => new[] { $$"""{"id":"{{id}}","line":1}""", $$"""{"id":"{{id}}","line":"Ω"}""" }));
    }

    [Fact]
    public void A_batch_is_never_cut()
    {
        int[] plan = [0, 1, 2, 3, 4, 5, 6, 7];
        Assert.Equal([0, 1, 2, 6, 7], new Shard(1, 2).Of(plan, 3));
        Assert.Equal([3, 4, 5], new Shard(2, 2).Of(plan, 3));
    }

    [Theory]
    [InlineData("0/2")]
    [InlineData("3/2")]
    [InlineData("-1/2")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_shard_that_is_none_is_refused(string text)
    {
        Assert.Contains("2/8", Assert.Throws<RequestException>(() => Shard.Parse(text)).Message);
        Assert.Equal(new Shard(2, 8), Shard.Parse("2/8"));
        Assert.Equal("set.2-of-8.jsonl", Shard.Parse("2/8").PathOf("set.jsonl"));
    }

    [Fact]
    public void Missing_foreign_doubled_and_torn_lines_are_refused_and_the_old_output_stays()
    {
        var output = Path.Combine(folder, "out.jsonl");
        File.WriteAllText(output, "old");
        Assert.Contains("1 of 2 ids are in no shard, the first is 'b'", Refused("""{"id":"a"}"""));
        Assert.Contains("'c' is not in the plan", Refused("""{"id":"c"}"""));
        Assert.Contains("'a' is also in", Refused("""{"id":"a"}""", """{"id":"a"}"""));
        Assert.Contains("0.jsonl:1: the line is no JSON object", Refused("""{"id":"""));
        Assert.Contains("0.jsonl:1: the line is no JSON object", Refused("[]"));
        Assert.Contains("no such output", Assert.Throws<RequestException>(() => Shard.Merge(["a"], [Path.Combine(folder, "absent")], output)).Message);
        Assert.Equal("old", File.ReadAllText(output));

        string Refused(params string[] parts)
        {
            var paths = parts.Select((text, i) => (Path: Path.Combine(folder, $"{i}.jsonl"), text)).ToList();
            paths.ForEach(part => File.WriteAllText(part.Path, part.text + "\n"));
            return Assert.Throws<RequestException>(() => Shard.Merge(["a", "b"], [.. paths.Select(part => part.Path)], output)).Message;
        }
    }
}
