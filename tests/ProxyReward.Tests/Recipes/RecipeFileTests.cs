using ProxyReward.Pairs;
using ProxyReward.Recipes;
using ProxyReward.Rewards;
using ProxyReward.Testing;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Recipes;

public sealed class RecipeFileTests : IDisposable
{
    private const string Least = """
        name: small
        model: some/model
        questions:
          train: pocket
          held_out: pocket
        reader: exact

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_least_recipe_takes_the_defaults()
    {
        var recipe = Load(Least);
        Assert.Equal((0, RewardKind.Accuracy, 1, 8, 0.1), (recipe.Seed, recipe.Reward, recipe.Iterations, recipe.Responses.K, recipe.Dpo.Beta));
        Assert.Equal(ReaderKind.Exact, recipe.EvaluationReader.Kind);
    }

    [Fact]
    public void Keys_of_every_kind_are_read()
    {
        var recipe = Load(Least + """
            seed: -3
            controls: [length, random]
            pairs: {select: random, question_share: .25, length_matched: true}
            dpo: {learning_rate: 3e-4, loss: sigmoid_norm, truncation: keep_start}
            evaluation: {reader: value}
            """);
        Assert.Equal([ControlKind.Length, ControlKind.Random], recipe.Controls);
        Assert.Equal((QuestionSelection.Random, .25, true), (recipe.Pairs.Select, recipe.Pairs.QuestionShare, recipe.Pairs.LengthMatched));
        Assert.Equal((3e-4, DpoLoss.SigmoidNorm, Truncation.KeepStart), (recipe.Dpo.LearningRate, recipe.Dpo.Loss, recipe.Dpo.Truncation));
        Assert.Equal((-3, ReaderKind.Value), (recipe.Seed, recipe.EvaluationReader.Kind));
    }

    [Fact]
    public void Overrides_are_laid_over_the_file_and_the_later_one_wins()
    {
        var recipe = Load(Least, "responses.k=16", "controls=[random,length]", "dpo.beta=0.2", "responses.k=12", "questions.train=my.jsonl");
        Assert.Equal((12, .2, "my.jsonl"), (recipe.Responses.K, recipe.Dpo.Beta, recipe.Questions.Train));
        Assert.Equal([ControlKind.Random, ControlKind.Length], recipe.Controls);
    }

    [Theory]
    [InlineData("respones: {k: 3}", "recipe.yaml:7: unknown key 'respones'. The nearest known key is 'responses'.")]
    [InlineData("dpo:\n  bta: 3", "recipe.yaml:8: unknown key 'bta' in 'dpo'. The nearest known key is 'beta'.")]
    [InlineData("responses:\n  k: many", "recipe.yaml:8: 'responses.k' cannot be 'many'. It is a whole number.")]
    [InlineData("responses: {k: 1}", "recipe.yaml:7: 'responses.k' cannot be 1. It lies between 2 and 1000.")]
    [InlineData("responses: {k: 99999999999}", "recipe.yaml:7: 'responses.k' cannot be '99999999999'. It is a whole number.")]
    [InlineData("responses: {temperature: .nan}", "recipe.yaml:7: 'responses.temperature' cannot be '.nan'. It is a number, written with a point: 0.5.")]
    [InlineData("responses:\n  temperature: 0,11", "recipe.yaml:8: 'responses.temperature' cannot be '0,11'. It is a number, written with a point: 0.5.")]
    [InlineData("seed: 1,000", "recipe.yaml:7: 'seed' cannot be '1,000'. It is a whole number.")]
    [InlineData("---\nseed: 1", "recipe.yaml:7: a second YAML document begins here")]
    [InlineData("reward: accurate", "recipe.yaml:7: 'reward' cannot be 'accurate'. It is one of accuracy, precision, judge, length, random, mix.")]
    [InlineData("reward: 0", "recipe.yaml:7: 'reward' cannot be '0'. It is one of accuracy, precision, judge, length, random, mix.")]
    [InlineData("controls: length", "recipe.yaml:7: 'controls' is a list, for example [accuracy, precision].")]
    [InlineData("pairs: {length_matched: 1}", "recipe.yaml:7: 'pairs.length_matched' cannot be '1'. It is true or false.")]
    [InlineData("dpo: 3", "recipe.yaml:7: 'dpo' is a section with the keys beta, learning_rate,")]
    [InlineData("seed: [1]", "recipe.yaml:7: 'seed' takes one value, not a sequence.")]
    [InlineData("seed: null", "recipe.yaml:7: 'seed' is empty (Seed of every random draw")]
    [InlineData("seed: {", "recipe.yaml:")]
    [InlineData("name: twice", "recipe.yaml:")]
    [InlineData("pairs: {per_question: 5}", "recipe.yaml:7: 'pairs.per_question': 5 pairs need 10 responses, and responses.k is 8.")]
    [InlineData("pairs: {length_tolerance: .2}", "recipe.yaml:7: 'pairs.length_tolerance': it has no effect without pairs.length_matched: true.")]
    [InlineData("pairs: {strategy: all_above_gap}", "recipe.yaml:7: 'pairs.strategy': all_above_gap needs a gap.")]
    [InlineData("pairs: {strategy: all_above_gap, min_gap: .1, per_question: 2}", "recipe.yaml:7: 'pairs.per_question': strategy all_above_gap takes every pair")]
    [InlineData("pairs: {strategy: adjacent, length_matched: true}", "recipe.yaml:7: 'pairs.length_matched': it takes the widest gaps among responses of like length")]
    [InlineData("pairs: {indicators: [judge, judge]}", "recipe.yaml:7: 'pairs.indicators': an indicator is named twice.")]
    [InlineData("pairs: {indicators: [], drop_conflicts: true}", "recipe.yaml:7: 'pairs.indicators': without an indicator nobody can object.")]
    [InlineData("pairs:\n  indicators: [second_reader]", "recipe: 'pairs.second_reader': pairs.indicators names the second reader.")]
    [InlineData("pairs: {second_reader: value}", "recipe.yaml:7: 'pairs.second_reader': what it reads is used by the indicator second_reader alone.")]
    [InlineData("pairs: {second_reader: exact, indicators: [second_reader]}", "recipe.yaml:7: 'pairs.second_reader': the same reader says the same again.")]
    [InlineData("pairs: {noise_veto: 1}", "recipe.yaml:7: 'pairs.noise_veto': responses are read once")]
    [InlineData("pairs: {second_reading: {repeats: 3}}", "recipe.yaml:7: 'pairs.second_reading.repeats': pairs.second_reader is not given.")]
    [InlineData("mix: {accuracy: 1}", "recipe.yaml:7: 'mix': only reward: mix uses these weights.")]
    [InlineData("reward: mix", "recipe: 'mix': no weight is above 0")]
    [InlineData("reward: mix\nmix: {accuracy: .7, judge: .5, length: -.1}", "recipe.yaml:8: 'mix': the weights above 0 add up to 1.2")]
    [InlineData("dpo: {warmup_ratio: .1, warmup_steps: 3}", "recipe.yaml:7: 'dpo.warmup_steps':")]
    [InlineData("dpo: {label_smoothing: .1}", "recipe.yaml:7: 'dpo.label_smoothing': only loss: robust uses it.")]
    [InlineData("reading: {model: gpt}", "recipe.yaml:7: 'reading.model': it has no effect with reader: exact. Remove this key.")]
    [InlineData("evaluation: {reader: chat}", "recipe.yaml:7: 'evaluation.reader': 'chat' is read by a model. Name it with evaluation.reading.model.")]
    [InlineData("evaluation: {reading: {model: gpt}}", "recipe.yaml:7: 'evaluation.reading.model': evaluation.reader is not given")]
    [InlineData("evaluation: {reader: chat, reading: {model: m, api_key_env: KEY}}", "recipe.yaml:7: 'evaluation.reading.api_key_env': it has no effect with evaluation.reader: chat on this machine.")]
    [InlineData("evaluation: {reader: chat, reading: {model: m, endpoint: 'http://a/v1', price_in: 1}}", "recipe.yaml:7: 'evaluation.reading.price_in': price_in and price_out go together.")]
    [InlineData("evaluation: {reader: chat, reading: {model: m, endpoint: 'http://a/v1', window_tokens: 50, overlap: 50}}", "recipe.yaml:7: 'evaluation.reading.overlap': a window of 50 tokens cannot share 50")]
    [InlineData("evaluation: {reader: logit, reading: {model: m, repeats: 3}}", "recipe.yaml:7: 'evaluation.reading.repeats': it has no effect with evaluation.reader: logit.")]
    [InlineData("judging: {model: gpt}", "recipe.yaml:7: 'judging.model': no reward of this recipe is judge, nor a weight of its mix, nor an indicator.")]
    [InlineData("reward: judge\njudging: {attempts: 5}", "recipe.yaml:8: 'judging.attempts': it has no effect without judging.model.")]
    [InlineData("reward: judge\njudging: {model: m, attempts: 5}", "recipe.yaml:8: 'judging.attempts': it has no effect on a judge on this machine")]
    [InlineData("controls: [judge]\njudging: {model: m, rubrics: []}", "recipe.yaml:8: 'judging.rubrics': name at least one rubric, none twice.")]
    [InlineData("evaluation: {reading: {api_key_env: sk-123}}", "recipe.yaml:7: 'evaluation.reading.api_key_env' cannot be")]
    [InlineData("chat: {now: yesterday}", "recipe.yaml:7: 'chat.now' cannot be 'yesterday'. It is a date (2026-01-31), or a date and time without a zone")]
    [InlineData("chat: {now: 2026-02-30}", "recipe.yaml:7: 'chat.now' cannot be '2026-02-30'.")]
    [InlineData("chat: {variables: on}", "recipe.yaml:7: 'chat.variables' is a section with keys of your own")]
    [InlineData("chat:\n  variables:\n    a: 1\n    b: [1, 2]", "recipe.yaml:10: 'chat.variables.b' is a text, a number, true or false")]
    [InlineData("chat: {variables: {a: {b: 1}}}", "recipe.yaml:7: 'chat.variables.a' is a text")]
    [InlineData("chat: {variables: {a: null}}", "recipe.yaml:7: 'chat.variables.a' is a text")]
    [InlineData("chat: {variables: {a: No}}", "recipe.yaml:7: 'chat.variables.a' is a text")]
    [InlineData("chat: {variables: {a: 0x1F}}", "recipe.yaml:7: 'chat.variables.a' is a text")]
    [InlineData("chat: {variables: {a: .nan}}", "recipe.yaml:7: 'chat.variables.a' is a text")]
    [InlineData("chat: {variables: {a: 99999999999999999999}}", "recipe.yaml:7: 'chat.variables.a' is a text")]
    [InlineData("chat: {variables: {a: !!binary aGk=}}", "recipe.yaml:7: 'chat.variables.a' is a text")]
    [InlineData("chat: {variables: {enable-thinking: false}}", "recipe.yaml:7: 'chat.variables.enable-thinking': is no name that a template could use.")]
    [InlineData("chat: {variables: {messages: x}}", "recipe.yaml:7: 'chat.variables.messages': the chat itself gives it.")]
    [InlineData("chat: {variables: {strftime_now: x}}", "recipe.yaml:7: 'chat.variables.strftime_now': it is a function. Say with chat.now")]
    [InlineData("chat: {time: 1}", "recipe.yaml:7: unknown key 'time' in 'chat'.")]
    [InlineData("dpo: {loss: ipo, dpo_positive_lambda: 5}", "recipe.yaml:7: 'dpo.dpo_positive_lambda': losses per token have no such term")]
    [InlineData("dpo: {loss: sigmoid_norm, dpo_positive_lambda: 5}", "recipe.yaml:7: 'dpo.dpo_positive_lambda': losses per token have no such term")]
    [InlineData("controls: [length, length]", "recipe.yaml:7: 'controls': a control is named twice.")]
    [InlineData("evaluation: {control_temperature: .6}", "recipe.yaml:7: 'evaluation.control_temperature': it has no effect without temperature among the controls.")]
    [InlineData("controls: [trained_temperature]", "recipe.yaml:7: 'controls': trained_temperature is set against temperature, the base sampled as cold. Add that control")]
    [InlineData("controls: [temperature]\nevaluation: {temperature: .5}", "recipe.yaml:7: 'controls': the temperature control would repeat the base.")]
    [InlineData("controls: [length]\niterations: 0", "recipe.yaml:7: 'controls': controls train on the responses of iteration 1")]
    public void What_is_wrong_is_named_with_its_place_and_its_mend(string added, string message)
    {
        var error = Assert.Throws<RequestException>(() => Load(Least + added));
        Assert.StartsWith(message, error.Message.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dpo.bta=1", "--set dpo.bta=1: unknown key 'bta' in 'dpo'.")]
    [InlineData("responses.k=1", "--set responses.k=1: 'responses.k' cannot be 1.")]
    [InlineData("reward.name=x", "--set reward.name=x: ")]
    [InlineData("responses", "--set responses: expected key=value")]
    [InlineData("responses.temperature=0,8", "--set responses.temperature=0,8: 'responses.temperature' cannot be '0,8'.")]
    [InlineData("seed=[1", "--set seed=[1: this is not YAML")]
    [InlineData("name=../elsewhere", "--set name=../elsewhere: 'name' cannot be '../elsewhere'.")]
    [InlineData("model=", "--set model=: 'model' is empty (The model to start from")]
    public void A_wrong_override_is_named_as_it_was_typed(string text, string message)
    {
        var error = Assert.Throws<RequestException>(() => Load(Least + "reward: accuracy", text));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_nested_too_deep_for_any_recipe_is_refused_and_ends_nothing()
    {
        var deep = new string('[', 50_000);
        Assert.Contains("recipe.yaml:7: this is nested deeper than 16 levels", Assert.Throws<RequestException>(() => Load(Least + "controls: " + deep)).Message, StringComparison.Ordinal);
        Assert.Contains(": this is nested deeper than 16 levels", Assert.Throws<RequestException>(() => Load(Least, "controls=" + deep)).Message, StringComparison.Ordinal);
        var lines = string.Concat(Enumerable.Range(0, 20).Select(i => new string(' ', i) + "a:\n"));
        Assert.Contains("recipe.yaml:23: this is nested", Assert.Throws<RequestException>(() => Load(Least + lines)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_key_is_named_with_what_it_is_for() =>
        Assert.Contains("the key 'reader' is missing (Who answers the proxy questions from a response)", Assert.Throws<RequestException>(() => Load(Least.Replace("reader: exact", "", StringComparison.Ordinal))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_or_huge_file_and_one_that_is_no_mapping_are_refused()
    {
        Assert.Contains("no such recipe", Assert.Throws<RequestException>(() => RecipeFile.Load(folder["absent.yaml"])).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder; name a recipe file", Assert.Throws<RequestException>(() => RecipeFile.Load(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("larger than", Assert.Throws<RequestException>(() => Load(new string('#', 2 << 20))).Message, StringComparison.Ordinal);
        Assert.Contains("a recipe is a mapping", Assert.Throws<RequestException>(() => Load("- a\n- b")).Message, StringComparison.Ordinal);
        Assert.Contains("a recipe is a mapping", Assert.Throws<RequestException>(() => Load("")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Precision_is_refused_for_a_reader_that_knows_the_gold_answers()
    {
        var recipe = Least.Replace("exact", "evidence", StringComparison.Ordinal);
        Assert.Contains("precision means nothing", Assert.Throws<RequestException>(() => Load(recipe + "reward: precision")).Message, StringComparison.Ordinal);
        Assert.Contains("precision means nothing", Assert.Throws<RequestException>(() => Load(recipe + "controls: [precision]")).Message, StringComparison.Ordinal);
        Assert.Contains("precision means nothing", Assert.Throws<RequestException>(() => Load(recipe + "pairs: {drop_conflicts: true}")).Message, StringComparison.Ordinal);
        Assert.Contains("precision means nothing", Assert.Throws<RequestException>(() => Load(recipe + "reward: mix\nmix: {precision: 1}")).Message, StringComparison.Ordinal);
        Assert.True(Load(recipe + "pairs: {drop_conflicts: true, indicators: [judge]}").Pairs.DropConflicts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("reward: mix\nmix: {accuracy: .9, length: -.1}\npairs: {strategy: best_median, second_reader: value, indicators: [judge, second_reader]}")]
    [InlineData("chat: {now: 2026-01-31, variables: {enable_thinking: false, n: -3, x: 1.0, e: 1e-7, quoted: 'yes', words: 26 Jul 2024, day: 2026-01-31}}")]
    [InlineData("chat: {now: '2026-01-31 12:30'}")]
    [InlineData("seed: 12\nquestions: {train: 'odd \"name\": x.jsonl', held_out: 'true'}\ncontrols: [judge]\ndpo: {learning_rate: 5e-7, adam_epsilon: 1e-12}")]
    public void A_resolved_recipe_reads_as_the_same_recipe(string added)
    {
        var text = added.Contains("questions", StringComparison.Ordinal) ? Least.Replace("questions:\n  train: pocket\n  held_out: pocket\n", "", StringComparison.Ordinal) : Least;
        var written = RecipeFile.Write(Load(text + added));
        Assert.Equal(written, RecipeFile.Write(Load(written)));
        Assert.Contains("length_tolerance: 0.1", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_of_a_chat_template_have_the_type_that_they_are_spelled_in()
    {
        var chat = Load(Least + "chat:\n  now: 2026-01-31T12:00:00\n  variables: {b: false, n: 12, x: 1.0, t: off side, q: 'true'}", "chat.variables.n=13").Chat;
        Assert.Equal(new DateTime(2026, 1, 31, 12, 0, 0), chat.Now);
        Assert.Equal(
            ["b=false", "n=13", "q=\"true\"", "t=\"off side\"", "x=1.0"],
            chat.Variables.OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => $"{variable.Key}={variable.Value.GetRawText()}"));
        Assert.Null(Load(Least).Chat.Now);
        Assert.Empty(Load(Least).Chat.Line);
    }

    [Fact]
    public void The_evaluation_takes_the_training_reader_unless_it_has_its_own()
    {
        var reading = Least.Replace("exact", "chat", StringComparison.Ordinal) + "reading: {model: m, endpoint: 'http://a/v1', ask: per_proxy}\n";
        Assert.Equal(("m", ReadingUnit.PerProxy), (Load(reading).EvaluationReader.Options.Model, Load(reading).EvaluationReader.Options.Ask));
        var own = Load(reading + "evaluation: {reader: logit, reading: {model: other, window_tokens: 300}}");
        Assert.Equal((ReaderKind.Logit, "other"), (own.EvaluationReader.Kind, own.EvaluationReader.Options.Model));
        Assert.Equal(own.EvaluationReader, Load(RecipeFile.Write(own)).EvaluationReader);
    }

    [Fact]
    public void A_relative_path_is_found_beside_the_recipe_and_above_it()
    {
        Directory.CreateDirectory(folder["data/model"]);
        Directory.CreateDirectory(folder["a/b"]);
        Assert.Equal(folder["data/model"], RecipeFile.Locate("data/model", folder["a/b"], "model"));
        Assert.StartsWith("model: data/absent: there is no such file or folder", Assert.Throws<RequestException>(() => RecipeFile.Locate("data/absent", folder["a/b"], "model")).Message, StringComparison.Ordinal);
    }

    private Recipe Load(string yaml, params string[] overrides)
    {
        File.WriteAllText(folder["recipe.yaml"], yaml);
        return RecipeFile.Load(folder["recipe.yaml"], overrides);
    }
}
