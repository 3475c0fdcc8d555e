using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using ProxyReward.Evaluation;
using ProxyReward.Pairs;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Testing;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Tests;

/// <summary>Reports of a run in a world so small that it takes milliseconds. The page is XML as well as HTML, so that it can be asked.</summary>
public sealed partial class ReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly FakeLab lab;
    private readonly RunFolder store;

    public ReportTests() => (lab, store) = (new(folder["lab"]), new(folder["run"]));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_table_has_the_numbers_of_the_summary()
    {
        await RunAsync();
        var summary = JsonFile.Read<RunSummary>(store, RunSummary.FileName);
        var rows = Write().Descendants("table").First().Descendants("tbody").Single().Elements("tr").ToDictionary(r => r.Element("th")!.Value, r => r.Elements("td").ToList());
        Assert.Equal(["base", "iteration 1", "iteration 2", "control length"], rows.Keys);
        foreach (var (name, measures) in new[] { ("base", summary.Base), ("iteration 1", summary.Iterations[0]), ("iteration 2", summary.Iterations[1]), ("control length", summary.Controls["length"]) })
        {
            Assert.Equal($"{measures.Accuracy!.N}", rows[name][0].Value);
            Assert.Equal(Cell(measures.Accuracy, 100), rows[name][1].Value);
            Assert.Equal(Cell(measures.AccuracyAt120!, 100), rows[name][3].Value);
            Assert.Equal(Cell(measures.Precision!, 100), rows[name][5].Value);
            Assert.Equal(Cell(measures.LengthTokens!, 1), rows[name][10].Value);
        }

        var gain = summary.Iterations[1].DifferenceToBase.Accuracy;
        Assert.Equal(gain.Mean.ToString("+0.0 %;−0.0 %;0.0 %", CultureInfo.InvariantCulture).Replace(" %", "", StringComparison.Ordinal), rows["iteration 2"][2].Nodes().First().ToString());
        Assert.Equal("–", rows["base"][2].Value);
        Assert.Equal($"{summary.Iterations[1].Pairs}", rows["iteration 2"][^1].Value);
        Assert.DoesNotContain("This report is partial", Headings());
    }

    [Fact]
    public async Task The_page_needs_no_network_and_runs_nothing()
    {
        await RunAsync();
        var page = Write();
        string[] loading = ["script", "link", "img", "image", "iframe", "object", "embed", "use", "form", "base"];
        Assert.DoesNotContain(page.Descendants(), e => loading.Contains(e.Name.LocalName));
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || a.Name.LocalName is "src" or "style");
        Assert.All(page.Descendants().Attributes("href"), a => Assert.StartsWith("#", a.Value, StringComparison.Ordinal));
        Assert.DoesNotContain("url(", page.Descendants("style").Single().Value, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page.Descendants("style").Single().Value, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Descendants("meta").Attributes("content").Select(a => a.Value.Split(';')[0]));
    }

    [Fact]
    public async Task Every_drawing_has_a_title_and_a_description_or_is_hidden_from_those_who_do_not_see()
    {
        await RunAsync();
        var drawings = Write().Descendants("svg").ToList();
        Assert.True(drawings.Count > 10);
        Assert.All(drawings, svg => Assert.True(
            (string?)svg.Attribute("aria-hidden") == "true"
            || ((string?)svg.Attribute("role") == "img" && svg.Element("title")!.Value.Length > 0 && svg.Element("desc")!.Value.Length > 0
                && svg.Attribute("aria-labelledby")!.Value == $"{svg.Element("title")!.Attribute("id")!.Value} {svg.Element("desc")!.Attribute("id")!.Value}")));
    }

    [Fact]
    public async Task The_page_has_a_list_of_contents_ids_of_its_own_headings_without_a_gap_and_columns_with_a_scope()
    {
        await RunAsync();
        File.Delete(store.PathOf("iteration-1/funnel.jsonl")); // a partial report has a section more
        var page = Write();
        var ids = page.Descendants().Attributes("id").Select(a => a.Value).ToList();
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
        Assert.Equal(
            page.Descendants("section").Select(s => (s.Element("h2")!.Value, "#" + s.Attribute("id")!.Value)),
            page.Descendants("nav").Single().Descendants("a").Select(a => (a.Value, a.Attribute("href")!.Value)));
        Assert.Contains(("This report is partial", "#this-report-is-partial"), page.Descendants("nav").Single().Descendants("a").Select(a => (a.Value, a.Attribute("href")!.Value)));

        var levels = page.Descendants().Where(e => Heading().IsMatch(e.Name.LocalName)).Select(e => e.Name.LocalName[1] - '0').ToList();
        Assert.Contains(3, levels);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1, $"a heading of level {pair.Second} follows one of level {pair.First}"));

        var columns = page.Descendants("thead").Descendants("th").ToList();
        Assert.NotEmpty(columns);
        Assert.All(columns, th => Assert.Equal("col", (string?)th.Attribute("scope")));
    }

    [Fact]
    public async Task Text_of_models_and_files_is_shown_as_it_is_and_never_becomes_markup()
    {
        await RunAsync();
        const string Hostile = "</p></style></script><script>alert(1)</script><img src=x onerror=\"alert(2)\"/> ]]> --> &amp; '\u202E\u0007{{x}}";
        Rewrite<MetaQuestion>("questions.jsonl", q => q with { Text = Hostile + q.Text, Proxies = [.. q.Proxies.Select(p => p with { Statement = Hostile + p.Statement })] });
        Rewrite<Response>("base/evaluation/responses.jsonl", r => r with { Text = Hostile });
        Rewrite<ResponseVerdicts>("base/evaluation/verdicts.jsonl", v => v with { Verdicts = [.. v.Verdicts.Select(p => p with { Verdict = Verdict.True, Quote = Hostile })] });
        var summary = JsonFile.Read<RunSummary>(store, RunSummary.FileName);
        JsonFile.Write(store, RunSummary.FileName, summary with { Signatures = [new(Hostile, Hostile)] });
        var card = JsonFile.Read<RunCard>(store, "run.json");
        JsonFile.Write(store, "run.json", card with { Machine = new Dictionary<string, string>(StringComparer.Ordinal) { [Hostile] = Hostile } });

        var page = Write();
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "img");
        var shown = Hostile.Replace('\u0007', '\uFFFD');
        Assert.Contains(page.Descendants("summary"), e => e.Value.StartsWith(shown, StringComparison.Ordinal));
        Assert.Contains(page.Descendants("mark"), e => e.Value == shown);
        Assert.Contains(page.Descendants("q"), e => e.Value == shown);
        Assert.Contains(page.Descendants("td"), e => e.Value.StartsWith(shown, StringComparison.Ordinal));
        Assert.Contains(page.Descendants("code"), e => e.Value == shown);
        Assert.Contains(page.Descendants("dd"), e => e.Value == $"{shown} {shown}");
    }

    [Fact]
    public async Task After_every_stage_there_is_a_report_of_what_is_there()
    {
        using var run = Run.Open(lab.Recipe(), lab.Parts(), store, new SilentProgress());
        var sizes = new List<int> { Write().ToString().Length };
        Assert.Contains("This report is partial", Headings());
        await foreach (var done in new IterationRunner(run).RunAsync(TestContext.Current.CancellationToken))
        {
            sizes.Add(Write().ToString().Length);
        }

        Assert.Equal(1 + 1 + (2 * 6) + 4 + 1, sizes.Count);
        Assert.True(sizes[^1] > 3 * sizes[0]);
        Assert.DoesNotContain("This report is partial", Headings());
    }

    [Fact]
    public async Task A_file_that_is_missing_is_named()
    {
        await RunAsync();
        foreach (var name in ReportedFiles())
        {
            var bytes = store.Read(name);
            File.Delete(store.PathOf(name));
            Assert.Contains(name + ":", Missing(Write()), StringComparison.Ordinal);
            store.Write(name, bytes);
        }

        Assert.DoesNotContain("This report is partial", Headings());
    }

    [Fact]
    public async Task A_file_that_is_damaged_is_named_with_its_line()
    {
        await RunAsync();
        foreach (var name in ReportedFiles())
        {
            var bytes = store.Read(name);
            store.Write(name, "{\"schema\": \"other\"}\n"u8);
            Assert.Contains($"{name}:1: this ", Missing(Write()), StringComparison.Ordinal);
            store.Write(name, bytes);
        }
    }

    [Fact]
    public async Task A_last_line_that_a_kill_tore_is_left_out()
    {
        await RunAsync();
        var whole = Write().ToString();
        store.Append("iteration-1/training.jsonl", "{\"step\": 9"u8);
        Assert.Equal(whole, Write().ToString());
    }

    [Fact]
    public void A_folder_without_a_run_is_refused_by_name()
    {
        var error = Assert.Throws<RequestException>(() => Report.Write(folder["nothing"]));
        Assert.Contains(folder["nothing"], error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["nothing"]));
    }

    [Fact]
    public async Task The_same_folder_gives_the_same_bytes_and_nothing_else_is_written()
    {
        await RunAsync();
        Report.Write(folder["run"]);
        var first = store.Read(Report.FileName);
        var files = Directory.EnumerateFiles(folder["run"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(store.PathOf(Report.FileName), Report.Write(folder["run"]));
        Assert.Equal(first, store.Read(Report.FileName));
        Assert.Equal(files, Directory.EnumerateFiles(folder["run"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Six_questions_are_shown_from_the_greatest_loss_to_the_greatest_gain_with_a_verdict_per_proxy()
    {
        await RunAsync(11);
        var measures = (string arm) => Jsonl.Read<ResponseMeasures>(store, $"{arm}/evaluation/measures.jsonl").GroupBy(m => m.QuestionId, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Average(m => m.Accuracy));
        var (before, after) = (measures("base"), measures("iteration-2"));
        var ranked = before.Keys.OrderBy(q => after[q] - before[q]).ThenBy(q => q, StringComparer.Ordinal).ToList();
        var questions = Jsonl.Read<MetaQuestion>(store, "questions.jsonl").ToDictionary(q => q.Text, StringComparer.Ordinal);

        var examples = Section(Write(), "Answers side by side").Elements("details").ToList();
        Assert.Equal([0, 2, 4, 6, 8, 10], examples.Select(e => ranked.IndexOf(questions[((XText)e.Element("summary")!.FirstNode!).Value.Trim()].Id)));
        foreach (var example in examples)
        {
            var question = questions[((XText)example.Element("summary")!.FirstNode!).Value.Trim()];
            var verdicts = Jsonl.Read<ResponseVerdicts>(store, "iteration-2/evaluation/verdicts.jsonl").Single(v => v.ResponseId == Response.IdOf(question.Id, 0)).Verdicts;
            var cells = example.Descendants("tbody").Single().Elements("tr").Select(r => r.Elements("td").Last()).ToList();
            Assert.Equal(verdicts.Select(v => v.Quote), cells.Select(c => c.Element("q")?.Value));
            Assert.Equal(verdicts.Select(v => v.Verdict switch { Verdict.True => "✓ true", Verdict.False => "✗ false", _ => "– not stated" }), cells.Select(c => c.Element("span")!.Value));
        }
    }

    [Fact]
    public async Task The_funnel_shows_what_each_rule_left_of_what_came_in()
    {
        await RunAsync();
        var rows = Section(Write(), "From answers to pairs").Descendants("tbody").First().Elements("tr").Select(r => r.Elements("td").Select(d => d.Value.Trim()).ToList()).ToList();
        var funnel = Jsonl.Read<FunnelStep>(store, "iteration-1/funnel.jsonl");
        Assert.Equal(["answers with a reward", .. funnel.Select(s => s.Rule)], rows.Select(r => r[0]));
        Assert.Equal(["8", .. funnel.Select(s => $"{s.Before} → {s.Before - s.Removed} {s.Unit}")], rows.Select(r => r[1]));
    }

    [Fact]
    public async Task Pairs_that_the_training_left_out_are_shown_by_its_reasons()
    {
        await RunAsync();
        var training = JsonFile.Read<TrainingResult>(store, "iteration-1/training.json");
        JsonFile.Write(store, "iteration-1/training.json", training with
        {
            PairsTrained = 5,
            PairsDropped = 4,
            Drops = [new("too_long", 1, "x", "They are long."), new("same_answers", 2, "y", "They are the same.")],
        });
        var rows = Section(Write(), "From answers to pairs").Descendants("tbody").First().Elements("tr").Select(r => r.Elements("td").Select(d => d.Value.Trim()).ToList()).ToList()[^3..];
        Assert.Equal(["training: too_long", "training: same_answers", "training"], rows.Select(r => r[0]));
        Assert.Equal(["9 → 8 pairs", "8 → 6 pairs", "6 → 5 pairs"], rows.Select(r => r[1]));
        Assert.Equal(["–", "–", "–"], rows.Select(r => r[2]));
        Assert.Equal(["They are long.", "They are the same.", "what could not be trained on; training.json gives no reason"], rows.Select(r => r[^1]));
    }

    [Fact]
    public async Task Who_objected_to_pairs_is_shown_beside_the_rule()
    {
        await RunAsync();
        Rewrite<FunnelStep>("iteration-1/funnel.jsonl", step => step.Rule == "tie"
            ? step with { Rule = "drop_conflicts", Objections = new Dictionary<Indicator, int> { [Indicator.SecondReader] = 3, [Indicator.Judge] = 0 } }
            : step);
        var row = Section(Write(), "From answers to pairs").Descendants("tr").Single(r => r.Elements("td").FirstOrDefault()?.Value == "drop_conflicts");
        Assert.Equal("objections: second_reader 3, judge 0", row.Elements("td").ElementAt(1).Element("small")!.Value);
    }

    [Fact]
    public async Task Rewards_show_what_they_are_made_of_for_all_chosen_and_rejected_answers()
    {
        await RunAsync();
        Rewrite<ResponseReward>("iteration-1/rewards.jsonl", r => r with { Parts = new Dictionary<string, double> { ["accuracy"] = r.Reward + .5, ["<repetition>"] = -.5 } });
        var rows = Section(Write(), "Rewards before and after").Descendants("tr").Where(r => r.Element("th")!.Value == "iteration 1").Select(r => r.Elements("td").Select(d => d.Value).ToArray()).ToList();
        Assert.Equal(["reward (accuracy)", "part: accuracy", "part: <repetition>", "correct proxies", "stated proxies", "tokens"], rows.Select(r => r[0]));
        var pairs = Jsonl.Read<PreferencePair>(store, "iteration-1/pairs.jsonl");
        Assert.Equal(Figures.Number(Jsonl.Read<ResponseReward>(store, "iteration-1/rewards.jsonl").Average(r => r.Reward)), rows[0][1]);
        Assert.Equal(Figures.Number(pairs.Average(p => p.ChosenReward)), rows[0][2]);
        Assert.Equal(Figures.Number(pairs.Average(p => p.RejectedReward)), rows[0][3]);
        Assert.Equal(["-0.5000", "-0.5000", "-0.5000", $"8, {pairs.Count} pairs"], rows[2][1..]);
    }

    [Fact]
    public async Task The_statistics_of_the_strategies_are_those_of_the_run()
    {
        await RunAsync();
        var tables = Section(Write(), "From answers to pairs").Elements("details").ToList();
        Assert.Equal(["iteration 1", "iteration 2", "control length"], tables.Select(t => t.Element("summary")!.Value));
        var rows = Jsonl.Read<PairStatistics>(store, "iteration-2/pair-statistics.jsonl");
        Assert.Equal(
            rows.Select(r => $"{r.Reward} {r.Strategy} {r.Questions} {r.Pairs} {Figures.Number(r.Mean)} {Figures.Number(r.Variance)}"),
            tables[1].Descendants("tbody").Single().Elements("tr").Select(r => string.Join(' ', r.Elements().Take(6).Select(c => c.Value))));
    }

    [Fact]
    public async Task Each_model_has_its_training_curves()
    {
        await RunAsync();
        var trainings = Section(Write(), "Training").Elements("details").ToList();
        Assert.Equal(3, trainings.Count);
        var steps = Jsonl.Read<TrainingStep>(store, "iteration-2/training.jsonl");
        Assert.StartsWith($"iteration 2: n = {steps.Count} steps", trainings[1].Element("summary")!.Value, StringComparison.Ordinal);
        Assert.Equal(
            [
                $"loss: {Figures.Number(steps[0].Loss)} at step 1, {Figures.Number(steps[^1].Loss)} at step {steps.Count}",
                $"chosen: {Figures.Number(steps[0].RewardsChosen)} at step 1, {Figures.Number(steps[^1].RewardsChosen)} at step {steps.Count}; rejected: {Figures.Number(steps[0].RewardsRejected)} at step 1, {Figures.Number(steps[^1].RewardsRejected)} at step {steps.Count}",
                $"margin: {Figures.Number(steps[0].RewardsMargins)} at step 1, {Figures.Number(steps[^1].RewardsMargins)} at step {steps.Count}",
                $"chosen: {Figures.Number(steps[0].LogpsChosen)} at step 1, {Figures.Number(steps[^1].LogpsChosen)} at step {steps.Count}; rejected: {Figures.Number(steps[0].LogpsRejected)} at step 1, {Figures.Number(steps[^1].LogpsRejected)} at step {steps.Count}",
            ],
            trainings[1].Descendants("desc").Select(d => d.Value));
        var divergence = JsonFile.Read<Divergence>(store, "iteration-2/divergence.json");
        Assert.Contains($"on {divergence.Responses} of its own held-out answers: {Figures.Number(divergence.Kl.Mean)} nats an answer", trainings[1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rewards_before_are_those_of_the_base_and_rewards_after_those_of_the_model_it_became()
    {
        await RunAsync();
        var drawings = Section(Write(), "Rewards before and after").Descendants("desc").Select(d => d.Value.Split("; ")).ToList();
        Assert.Equal([Mean("base", "iteration-1"), Mean("iteration 1", "iteration-2")], drawings[0].Select(d => d.Split(" (")[0]));
        Assert.EndsWith("n = 8 answers to 2 questions", drawings[0][0], StringComparison.Ordinal);
        Assert.Equal(["base", "iteration 2"], drawings[1].Select(d => d.Split(':')[0]));

        string Mean(string writer, string arm) => $"{writer}: mean {Figures.Number(100 * Jsonl.Read<ResponseReward>(store, $"{arm}/rewards.jsonl").Average(r => r.Reward))}";
    }

    [Fact]
    public async Task After_a_rollback_the_rewards_are_those_of_the_model_that_the_dev_questions_kept()
    {
        var dev = new QuestionSplits(FakeLab.Questions("train", 2), FakeLab.Questions("dev", 2), FakeLab.Questions("held", 2));
        await RunAsync(dev, "iterations=3", "keep=best_on_dev", "questions.dev=dev.jsonl");
        JsonFile.Write(store, "iteration-1/dev.json", new DevChoice(.5, .4, "iteration 1"));
        JsonFile.Write(store, "iteration-2/dev.json", new DevChoice(.3, .5, "iteration 1"));
        JsonFile.Write(store, "iteration-3/dev.json", new DevChoice(.2, .5, "iteration 1"));
        var page = Write();
        Assert.Equal(["base", "iteration 1"], Section(page, "Rewards before and after").Descendants("desc").First().Value.Split("; ").Select(d => d.Split(':')[0]));
        Assert.Contains(
            "better model on the 2 dev questions ours: iteration 1: 50.0 %, 40.0 % before it, iteration 1 is kept; iteration 2: 30.0 %, 50.0 % before it, iteration 1 is kept;",
            Flat(Section(page, "Results on held-out questions")), StringComparison.Ordinal);
        Assert.Contains("The dev questions rolled iteration 3 back: the loop ends with iteration 1.", Section(page, "In short").Value, StringComparison.Ordinal);

        JsonFile.Write(store, "iteration-2/dev.json", new DevChoice(.3, .4, "base"));
        Assert.Equal(["base", "base, other answers"], Section(Write(), "Rewards before and after").Descendants("desc").First().Value.Split("; ").Select(d => d.Split(':')[0]));
        File.Delete(store.PathOf("iteration-2/dev.json"));
        Assert.Contains("iteration-2/dev.json:", Missing(Write()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_reader_is_named_and_what_was_not_taken_of_its_word_is_counted()
    {
        await RunAsync();
        Rewrite<ResponseVerdicts>("iteration-2/verdicts.jsonl", v => v with { Verdicts = [.. v.Verdicts.Select((p, i) => p with { Verdict = i < 3 ? Verdict.NotStated : Verdict.True, Failure = i == 0 ? ReadingFailure.Quote : i == 1 ? ReadingFailure.Reply : null })] });
        var section = Section(Write(), "The reader");
        var rows = section.Descendants("tbody").Single().Elements("tr").ToDictionary(r => r.Element("th")!.Value, r => r.Elements("td").Select(d => d.Value));
        Assert.Equal(
            ["training answers for iteration 1", "training answers for iteration 2", "held-out answers of base", "held-out answers of iteration 1", "held-out answers of iteration 2", "held-out answers of control length"],
            rows.Keys);
        Assert.Equal(["8", "40", "24", "8", "8"], rows["training answers for iteration 2"]); // 4 answers to each of 2 questions, 5 proxies each
        Assert.Equal(["0", "0"], rows["held-out answers of base"].TakeLast(2));
        Assert.Equal(["exact", "exact"], section.Descendants("dd").Select(d => d.Value));

        File.WriteAllText(store.PathOf("recipe.yaml"), File.ReadAllText(store.PathOf("recipe.yaml")).Replace("reader: exact", "reader: evidence", StringComparison.Ordinal));
        Assert.Equal(
            ["evidence, which looks for the evidence that train.jsonl gives", "evidence, which looks for the evidence that held-out.jsonl gives"],
            Section(Write(), "The reader").Descendants("dd").Select(d => d.Value));
    }

    [Fact]
    public async Task What_a_control_is_is_said_of_those_that_the_run_has()
    {
        await RunAsync("controls=[random,temperature,trained_temperature]", "iterations=1", "evaluation.responses=1");
        var section = Section(Write(), "Results on held-out questions");
        var glossary = section.Descendants("dt").Zip(section.Descendants("dd")).ToDictionary(pair => pair.First.Value, pair => Flat(pair.Second));
        Assert.Equal("one iteration from the same base answers for another reward, random: what the gain owes to the reward ours", glossary["control random"]);
        Assert.Equal("the base itself, untrained, sampled at temperature 0.5: what sampling colder does alone ours", glossary["control temperature"]);
        Assert.Contains("Sampled at temperature 0.5, as control temperature is, iteration 1 settles ", Section(Write(), "In short").Value, StringComparison.Ordinal);
        Assert.Equal("iteration 1, sampled at temperature 0.5 as well: what training does where both are sampled colder ours", glossary["control trained_temperature"]);
        Assert.DoesNotContain("control length", glossary.Keys);
        Assert.StartsWith("Each model answers the same questions, once each.", section.Elements("p").First().Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_held_out_questions_were_not_trained_on_is_said_where_their_ids_show_it()
    {
        await RunAsync();
        Assert.Contains("None of them has the id of a question it was trained on; that alone is checked here.", Section(Write(), "Results on held-out questions").Value, StringComparison.Ordinal);
        var questions = Jsonl.Read<MetaQuestion>(store, "questions.jsonl");
        Jsonl.Write(store, "questions.jsonl", questions.Select(q => q.Id == "train/0" ? q with { Id = "held/0" } : q).ToList());
        Assert.Contains("Of their ids 1 are those of questions it was trained on.", Section(Write(), "Results on held-out questions").Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_say_whose_they_are()
    {
        await RunAsync();
        var rows = Section(Write(), "Settings and the paper's").Descendants("tbody").First().Elements("tr").ToDictionary(r => r.Elements("td").First().Value, r => r.Elements("td").Skip(1).Select(d => d.Value).ToArray());
        Assert.Equal(["2", "2", "paper"], rows["dpo.batch_size"]);
        Assert.Equal(["1", "5", "ours"], rows["dpo.epochs"]);
        Assert.Equal(["0.1", "not given", "ours"], rows["dpo.beta"]);
        Assert.Equal(["5E-07", "5E-07", "paper"], rows["dpo.learning_rate"]);
        Assert.Equal(["2", "1 (below 2B) or 2", "paper"], rows["iterations"]);
    }

    [Fact]
    public async Task Warnings_are_those_of_the_summary()
    {
        await RunAsync();
        var summary = JsonFile.Read<RunSummary>(store, RunSummary.FileName);
        JsonFile.Write(store, RunSummary.FileName, summary with { Signatures = [new("below_base", "first", "Mend it."), new("of_tomorrow", "second"), new("below_base", "third", "Mend it.")] });
        var warnings = Section(Write(), "Warnings").Descendants("li").Select(li => li.Value.Trim()).ToList();
        Assert.Equal(["A model is worse than the one it started from. below_basefirst; thirdMend it.", "of_tomorrowsecond"], warnings);
    }

    [Fact]
    public async Task A_run_in_the_pocket_world_is_labelled_as_simulated()
    {
        await RunAsync();
        Assert.Contains("SIMULATED", Write().Descendants("header").Single().Value, StringComparison.Ordinal);

        File.WriteAllText(store.PathOf("recipe.yaml"), File.ReadAllText(store.PathOf("recipe.yaml")).Replace("reader: exact", "reader: evidence", StringComparison.Ordinal));
        Assert.DoesNotContain("SIMULATED", Write().Descendants("header").Single().Value, StringComparison.Ordinal);
    }

    private static string Cell(Estimate value, double factor)
    {
        var format = factor == 1 ? "0" : "0.0";
        return FormattableString.Invariant($"{(factor * value.Mean).ToString(format)}{(factor * value.Low).ToString(format)} to {(factor * value.High).ToString(format)}");
    }

    private static string Missing(XElement page) => Section(page, "This report is partial").Value;

    private static XElement Section(XElement page, string title) => page.Descendants("section").Single(s => s.Element("h2")!.Value == title);

    private IEnumerable<string> Headings() => Write().Descendants("h2").Select(h => h.Value);

    // All that a run holds, but for what the page does not show.
    private List<string> ReportedFiles()
    {
        var files = Directory.EnumerateFiles(folder["run"], "*.json*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder["run"], path).Replace('\\', '/'))
            .Where(name => !name.Contains("/checkpoint/", StringComparison.Ordinal) && !Unreported().IsMatch(name)).ToList();
        Assert.True(files.Count > 25);
        return files;
    }

    [GeneratedRegex("^seconds.jsonl$|opening-verdicts|(divergence.json|alarms.jsonl)$|^iteration-[0-9]+/responses.jsonl$|^controls/[a-z]+/evaluation/responses.jsonl$")]
    private static partial Regex Unreported();

    [GeneratedRegex("^h[1-6]$")]
    private static partial Regex Heading();

    private XElement Write()
    {
        using var file = File.OpenRead(Report.Write(folder["run"]));
        using var reader = XmlReader.Create(file, new() { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader, LoadOptions.PreserveWhitespace);
    }

    private void Rewrite<T>(string name, Func<T, T> change) => Jsonl.Write(store, name, Jsonl.Read<T>(store, name).Select(change).ToList());

    private static string Flat(XElement element) => string.Join(' ', element.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private Task RunAsync(params string[] overrides) => RunAsync(2, overrides);

    private Task RunAsync(int heldOut, params string[] overrides) =>
        RunAsync(new QuestionSplits(FakeLab.Questions("train", 2), [], FakeLab.Questions("held", heldOut)), overrides);

    private async Task RunAsync(QuestionSplits questions, params string[] overrides)
    {
        using var run = Run.Open(lab.Recipe(overrides), lab.Parts() with { Questions = () => questions }, store, new SilentProgress());
        await foreach (var _ in new IterationRunner(run).RunAsync(TestContext.Current.CancellationToken))
        {
            // Each stage follows the one before.
        }
    }
}
