using ProxyReward.Cli.Results;
using ProxyReward.Evaluation;
using ProxyReward.Recipes;
using ProxyReward.Runs;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests;

public sealed class NextCommandTests
{
    private const string Pocket = "recipes/pocket.yaml";

    [Fact]
    public void In_the_pocket_lab_seed_and_split_vary_together() =>
        Assert.EndsWith($"run {Pocket} --set seed=1 --set lab.split_seed=1 --out runs/pocket-seed-1", After([], "runs/pocket"), StringComparison.Ordinal);

    [Fact]
    public void The_seed_of_the_run_gives_way_to_the_next_in_overrides_and_folder() =>
        Assert.EndsWith(
            $"run {Pocket} --set model=data/pocket/model-3m --set seed=2 --set lab.split_seed=2 --out runs/seed-2",
            After([], "runs/seed-1/", "seed=1", "model=data/pocket/model-3m", "lab.split_seed=1"), StringComparison.Ordinal);

    [Fact]
    public void Bought_length_is_answered_with_pairs_of_like_length() =>
        Assert.EndsWith(
            $"run {Pocket} --set iterations=1 --set pairs.length_matched=true --out runs/pocket-length-matched",
            After([new Signature("length_growth", "")], "runs/pocket", "iterations=1", "pairs.length_matched=false"), StringComparison.Ordinal);

    [Fact]
    public void What_a_shell_would_take_apart_is_quoted() =>
        Assert.EndsWith(
            $"run {Pocket} --set 'controls=[length, random]' --set seed=1 --set lab.split_seed=1 --out 'runs/it'\\''s mine-seed-1'",
            After([], "runs/it's mine", "controls=[length, random]"), StringComparison.Ordinal);

    private static string After(IReadOnlyList<Signature> signatures, string folder, params string[] overrides) => NextCommand.After(
        new RunSummary(1, "pocket", 0, new(0, 0, 0), null!, [], new Dictionary<string, ArmSummary>(), signatures),
        RecipeFile.Load(Path.Combine(FixtureRoot.Repository, Pocket), overrides),
        Pocket,
        overrides,
        folder);
}
