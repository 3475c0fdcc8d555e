using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Policies;
using ProxyReward.Runs;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Cli.Tests.Trainings;

public sealed class TrainCommandTests : IDisposable
{
    private readonly TrainingLab lab = new();

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task A_file_of_pairs_and_a_model_become_a_checkpoint_and_its_files()
    {
        Assert.Equal(0, await lab.TrainAsync("out"));
        Assert.Equal(lab["out/checkpoint"] + "\n", lab.Output);
        Assert.Contains("12 pairs trained on, 0 left out; 18 steps, the weights of step 18 are kept; fp32", lab.Error, StringComparison.Ordinal);
        Assert.Contains("out: train: 18 of 18 steps in ", lab.Error, StringComparison.Ordinal);
        Assert.Matches(@"[\d,]+ tokens/s", lab.Error);

        var steps = Jsonl.Read<TrainingStep>(new RunFolder(lab["out"]), "training.jsonl");
        Assert.Equal(18, steps.Count);
        Assert.Equal(Math.Log(2), steps[0].Loss, 1e-6);
        Assert.True(steps[^1].Loss < 0.5 * steps[0].Loss, $"the loss ended at {steps[^1].Loss}");
        Assert.Equal(1, steps[^1].RewardsAccuracies);

        using var model = LocalModel.Open(lab["out/checkpoint"]);
        using var card = JsonDocument.Parse(File.ReadAllBytes(lab["out/train.json"]));
        Assert.Equal(RunCard.HashOfModel(TrainingLab.Model), card.RootElement.GetProperty("hashes").GetProperty("model").GetString());
        using var result = JsonDocument.Parse(File.ReadAllBytes(lab["out/training.json"]));
        Assert.Equal(model.Network.Parameters.Layout.Size, result.RootElement.GetProperty("trained_parameters").GetInt64());
        Assert.False(Directory.Exists(lab["out/training"]));
    }

    [Fact]
    public async Task What_the_chat_template_is_told_is_recorded_and_changes_the_prompts()
    {
        var model = lab["model"];
        Directory.CreateDirectory(model);
        foreach (var file in Directory.EnumerateFiles(TrainingLab.Model))
        {
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "{% for m in messages %}{{ m.role }} {{ tone }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}assistant {{ tone }}\n{% endif %}");
        string[] Told(string name, string tone) => [.. lab.Arguments(name).Select(argument => argument == TrainingLab.Model ? model : argument), "--set", $"chat.variables.tone={tone}"];
        Assert.True(await lab.RunAsync(Told("warm", "warm")) == 0, lab.Error);
        Assert.Contains("  variables: {tone: \"warm\"}", File.ReadAllText(lab["warm/settings.yaml"]), StringComparison.Ordinal);
        Assert.Equal(0, await lab.RunAsync(Told("cold", "cold")));
        Assert.NotEqual(File.ReadAllBytes(lab.Checkpoint("warm")), File.ReadAllBytes(lab.Checkpoint("cold")));
        Assert.Equal(2, await lab.RunAsync(Told("warm", "cold")));
        Assert.Contains("this folder holds a training with other settings", lab.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_that_the_chat_template_does_not_look_at_is_refused()
    {
        Assert.Equal(2, await lab.TrainAsync("out", "--set", "chat.variables.enable_thinking=false"));
        Assert.Contains("chat.variables.enable_thinking: the chat template", lab.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_command_on_a_finished_folder_trains_no_more()
    {
        await lab.TrainAsync("out");
        var before = File.GetLastWriteTimeUtc(lab.Checkpoint("out"));
        Assert.Equal(0, await lab.RunAsync(new WatchedLoader(_ => throw new InvalidOperationException("trained again")), lab.Arguments("out")));
        Assert.Equal(before, File.GetLastWriteTimeUtc(lab.Checkpoint("out")));
    }

    [Fact]
    public async Task Another_format_of_the_same_pairs_gives_the_same_weights()
    {
        await lab.TrainAsync("trl");
        var lines = File.ReadAllLines(lab.Pairs).Select(line => JsonDocument.Parse(line).RootElement).Select(pair => JsonSerializer.Serialize(new
        {
            instruction = Content(pair, "prompt"),
            input = "",
            chosen = Content(pair, "chosen"),
            rejected = Content(pair, "rejected"),
        }));
        File.WriteAllText(lab["alpaca.json"], $"[{string.Join(',', lines)}]");
        string[] arguments = lab.Arguments("alpaca");
        arguments[1] = lab["alpaca.json"];
        Assert.Equal(0, await lab.RunAsync(arguments));
        Assert.Equal(File.ReadAllBytes(lab.Checkpoint("trl")), File.ReadAllBytes(lab.Checkpoint("alpaca")));

        static string Content(JsonElement pair, string name) => pair.GetProperty(name)[0].GetProperty("content").GetString()!;
    }

    [Fact]
    public async Task Pairs_that_teach_nothing_are_left_out_and_shown()
    {
        File.AppendAllLines(lab.Pairs, [TrainingLab.Line("Same?", "Yes.", "Yes."), TrainingLab.Line(string.Concat(Enumerable.Repeat("long ", 3000)), "a", "b")]);
        Assert.Equal(0, await lab.TrainAsync("out", "--set", "dpo.max_length=128"));
        Assert.Contains($"out: 1 pairs are left out, {lab.Pairs}:13 the first: chosen and rejected are the same", lab.Error, StringComparison.Ordinal);
        Assert.Contains($"{lab.Pairs}:14 the first: ", lab.Error, StringComparison.Ordinal);
        using var result = JsonDocument.Parse(File.ReadAllBytes(lab["out/training.json"]));
        Assert.Equal(["same_answers", "too_long"], result.RootElement.GetProperty("drops").EnumerateArray().Select(drop => drop.GetProperty("reason").GetString()));
        Assert.Equal(2, result.RootElement.GetProperty("pairs_dropped").GetInt32());
    }

    [Fact]
    public async Task Pairs_of_which_none_can_be_trained_on_are_refused()
    {
        File.WriteAllLines(lab.Pairs, [TrainingLab.Line("Same?", "Yes.", "Yes.")]);
        Assert.Equal(2, await lab.TrainAsync("out"));
        Assert.Contains($"none of the 1 pairs can be trained on: 1 ({lab.Pairs}:1 the first): chosen and rejected are the same", lab.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_line_exits_2_with_its_place_and_leaves_the_folder_empty()
    {
        File.AppendAllText(lab.Pairs, "{\"prompt\": \"a\"}\n");
        Assert.Equal(2, await lab.TrainAsync("out"));
        Assert.StartsWith($"{lab.Pairs}:13: no known form of a pair has the keys prompt", lab.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(lab["out/settings.yaml"]));
    }

    [Theory]
    [InlineData("--model is missing", "train", "PAIRS", "--out", "OUT")]
    [InlineData("--out is missing", "train", "PAIRS", "--model", "MODEL")]
    [InlineData("there is no such run folder and no such file of pairs", "train", "/absent")]
    [InlineData("/absent: no such file or folder", "train", "PAIRS", "--out", "OUT", "--model", "/absent")]
    [InlineData("unknown key 'bta' in 'dpo'", "train", "PAIRS", "--out", "OUT", "--model", "MODEL", "--set", "dpo.bta=1")]
    [InlineData("unknown key 'responses'", "train", "PAIRS", "--out", "OUT", "--model", "MODEL", "--set", "responses.k=1")]
    [InlineData("'dpo.lora.dropout': adapters are trained without dropout", "train", "PAIRS", "--out", "OUT", "--model", "MODEL", "--set", "dpo.lora.dropout=0.05")]
    [InlineData("target module 'nowhere' is no projection of this model", "train", "PAIRS", "--out", "OUT", "--model", "MODEL", "--set", "dpo.lora.target_modules=[nowhere]")]
    [InlineData("there are no dev pairs to score", "train", "PAIRS", "--out", "OUT", "--model", "MODEL", "--set", "dev.keep=best")]
    [InlineData("--lora 4: --set makes it a rank of 8. Give one of the two.", "train", "PAIRS", "--out", "OUT", "--model", "MODEL", "--lora", "4", "--set", "dpo.lora.r=8")]
    [InlineData("--lora 4: --set makes it no adapter at all", "train", "PAIRS", "--out", "OUT", "--model", "MODEL", "--lora", "4", "--set", "dpo.lora=null")]
    [InlineData("--lora: '0' is not a whole number from 1 to 65536", "train", "PAIRS", "--out", "OUT", "--model", "MODEL", "--lora", "0")]
    [InlineData("is neither a .gguf file, nor a folder with a config.json, nor an adapter", "train", "PAIRS", "--out", "OUT", "--model", "FOLDER")]
    [InlineData("--out: is empty", "train", "PAIRS", "--model", "MODEL", "--out", "")]
    [InlineData("is the folder of the model that is trained", "train", "PAIRS", "--model", "MODEL", "--out", "MODEL/")]
    [InlineData("is a run folder, and its recipe says how it is trained", "train", "MODEL", "--out", "OUT")]
    public async Task A_wrong_request_exits_2_and_says_why(string message, params string[] arguments)
    {
        Assert.Equal(2, await lab.RunAsync([.. arguments.Select(argument => argument switch
        {
            "PAIRS" => lab.Pairs,
            "OUT" => lab["out"],
            "MODEL" => TrainingLab.Model,
            "FOLDER" => Path.GetDirectoryName(lab.Pairs)!,
            "MODEL/" => TrainingLab.Model + "/",
            _ => argument,
        })]));
        Assert.Contains(message, lab.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dev_pairs_that_are_not_there_are_refused_before_anything_is_written()
    {
        Assert.Equal(2, await lab.TrainAsync("out", "--eval", lab["absent.jsonl"]));
        Assert.Contains($"--eval: {lab["absent.jsonl"]}: there is no such file", lab.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(lab["out"]));
    }

    [Theory]
    [InlineData("training.jsonl")]
    [InlineData("training-eval.jsonl")]
    [InlineData("alarms.jsonl")]
    [InlineData("training.json")]
    [InlineData("events.out.tfevents.proxyreward")]
    [InlineData("training/state.safetensors")]
    public async Task What_another_training_left_is_not_gone_on_with(string left)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(lab[$"out/{left}"])!);
        File.WriteAllText(lab[$"out/{left}"], "");
        Assert.Equal(2, await lab.TrainAsync("out"));
        Assert.Contains($"{lab[$"out/{left.Split('/')[0]}"]}: this folder holds something else already", lab.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_engine_is_noticed_and_another_precision_refused()
    {
        using var interrupt = new CancellationTokenSource();
        Assert.Equal(130, await lab.RunAsync(new WatchedLoader(step => Cancel(interrupt, step >= 4)), lab.Arguments("out"), interrupt.Token));
        var card = JsonNode.Parse(File.ReadAllText(lab["out/train.json"]))!;

        card["engine"]!["compute"] = "bf16";
        File.WriteAllText(lab["out/train.json"], card.ToJsonString());
        Assert.Equal(2, await lab.TrainAsync("out"));
        Assert.Contains("this training was begun with products in bf16, and here they would be in fp32", lab.Error, StringComparison.Ordinal);

        card["engine"]!["compute"] = "fp32";
        card["engine"]!["threads"] = "99";
        card["machine"]!["os"] = "another";
        File.WriteAllText(lab["out/train.json"], card.ToJsonString());
        Assert.Equal(0, await lab.TrainAsync("out"));
        Assert.Matches(@"warning  out: the training was begun with threads 99, now \d+\. It goes on, but not bit for bit", lab.Error);
    }

    [Fact]
    public async Task A_note_beside_the_model_does_not_make_it_another_one()
    {
        string[] arguments = lab.Arguments("out");
        arguments[3] = Directory.CreateDirectory(lab["model"]).FullName;
        foreach (var file in Directory.EnumerateFiles(TrainingLab.Model))
        {
            File.Copy(file, Path.Combine(arguments[3], Path.GetFileName(file)));
        }

        using var interrupt = new CancellationTokenSource();
        Assert.Equal(130, await lab.RunAsync(new WatchedLoader(step => Cancel(interrupt, step >= 4)), arguments, interrupt.Token));
        File.WriteAllText(lab["model/README.md"], "A note.");
        Assert.True(await lab.RunAsync(arguments) == 0, lab.Error);
    }

    [Fact]
    public async Task A_warm_up_that_never_ends_is_said()
    {
        Assert.Equal(0, await lab.TrainAsync("out", "--set", "dpo.warmup_steps=18"));
        Assert.Contains("warning  out: warmup_never_ends: the learning rate climbs for dpo.warmup_steps 18, and there are 18 steps", lab.Error, StringComparison.Ordinal);
        Assert.Equal(0, await lab.TrainAsync("shorter", "--set", "dpo.warmup_steps=17"));
        Assert.DoesNotContain("warmup_never_ends", lab.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_model_other_pairs_or_other_settings_on_the_same_folder_are_refused()
    {
        using var interrupt = new CancellationTokenSource();
        Assert.Equal(130, await lab.RunAsync(new WatchedLoader(step => Cancel(interrupt, step >= 4)), lab.Arguments("out"), interrupt.Token));

        Assert.Equal(2, await lab.TrainAsync("out", "--set", "dpo.beta=0.5"));
        Assert.Contains("other settings (there 'dpo.beta: 0.1', asked 'dpo.beta: 0.5')", lab.Error, StringComparison.Ordinal);

        string[] arguments = lab.Arguments("out");
        arguments[3] = Directory.CreateDirectory(lab["model"]).FullName;
        foreach (var file in Directory.EnumerateFiles(TrainingLab.Model))
        {
            File.Copy(file, Path.Combine(arguments[3], Path.GetFileName(file)));
        }

        File.AppendAllText(Path.Combine(arguments[3], "generation_config.json"), " ");
        Assert.Equal(2, await lab.RunAsync(arguments));
        Assert.Contains("begun with another model", lab.Error, StringComparison.Ordinal);

        File.AppendAllLines(lab.Pairs, [TrainingLab.Line("One more?", "Yes.", "No.")]);
        Assert.Equal(2, await lab.TrainAsync("out"));
        Assert.Contains("begun with another set of pairs", lab.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_LoRA_training_ends_with_its_adapter_and_the_model_that_it_makes()
    {
        Assert.Equal(0, await lab.TrainAsync("out", "--lora", "4", "--set", "dpo.lora.target_modules=[q_proj, v_proj]", "--set", "dpo.lora.alpha=8"));
        using var start = LocalModel.Open(TrainingLab.Model, torch.ScalarType.Float32);
        using var trained = LocalModel.Open(lab["out/checkpoint"], torch.ScalarType.Float32);
        using var adapter = LoraAdapter.Load(lab["out/checkpoint/adapter"], start.Network.Parameters.Layout, torch.ScalarType.Float32);
        Assert.Equal((4, 8.0), (adapter.Config.Rank, adapter.Config.Alpha));
        Assert.NotEqual(start.Network.Parameters.MasterOf("model.layers.0.self_attn.q_proj.weight").ToArray(), trained.Network.Parameters.MasterOf("model.layers.0.self_attn.q_proj.weight").ToArray());
        adapter.MergeInto(start.Network.Parameters);
        foreach (var slot in start.Network.Parameters.Layout.Slots)
        {
            Assert.Equal(start.Network.Parameters.MasterOf(slot.Name).ToArray(), trained.Network.Parameters.MasterOf(slot.Name).ToArray());
        }

        var steps = Jsonl.Read<TrainingStep>(new RunFolder(lab["out"]), "training.jsonl");
        Assert.Equal(Math.Log(2), steps[0].Loss, 1e-6);
        Assert.True(steps[^1].Loss < steps[0].Loss);
    }

    [Fact]
    public async Task An_adapter_that_was_trained_is_a_model_to_train_and_the_model_beside_it_to_the_bit()
    {
        Assert.Equal(0, await lab.TrainAsync("out", "--lora", "4", "--set", "dpo.epochs=1"));
        using (var merged = LocalModel.Open(lab["out/checkpoint"], torch.ScalarType.Float32))
        using (var adapted = LocalModel.Open(lab["out/checkpoint/adapter"], torch.ScalarType.Float32))
        {
            foreach (var slot in merged.Network.Parameters.Layout.Slots)
            {
                Assert.Equal(merged.Network.Parameters.MasterOf(slot.Name).ToArray(), adapted.Network.Parameters.MasterOf(slot.Name).ToArray());
            }

            Assert.Equal(merged.Prompt("Where?"), adapted.Prompt("Where?"));
        }

        var arguments = lab.Arguments("again", "--lora", "2", "--set", "dpo.epochs=1");
        arguments[3] = lab["out/checkpoint/adapter"];
        Assert.Equal(0, await lab.RunAsync(arguments));
        using var card = JsonDocument.Parse(File.ReadAllBytes(lab["again/train.json"]));
        Assert.Equal(RunCard.HashOfModel(arguments[3], TrainingLab.Model), card.RootElement.GetProperty("hashes").GetProperty("model").GetString());
        using var first = LocalModel.Open(lab["again/checkpoint"], torch.ScalarType.Float32);
        using var second = LocalModel.Open(lab["again/checkpoint/adapter"], torch.ScalarType.Float32); // an adapter on an adapter
        Assert.Equal(first.Network.Parameters.MasterOf("model.layers.0.mlp.up_proj.weight").ToArray(), second.Network.Parameters.MasterOf("model.layers.0.mlp.up_proj.weight").ToArray());
    }

    [Fact]
    public async Task In_bf16_the_products_are_rounded_and_the_weights_are_not()
    {
        Assert.Equal(0, await lab.TrainAsync("fp32", "--set", "dpo.epochs=1"));
        Assert.Equal(0, await lab.TrainAsync("bf16", "--set", "dpo.epochs=1", "--set", "dpo.precision=bf16"));
        Assert.Contains("the weights of step 6 are kept; bf16", lab.Error, StringComparison.Ordinal);
        var (exact, rounded) = (Steps("fp32"), Steps("bf16"));
        Assert.Equal(Math.Log(2), rounded[0].Loss, 1e-6); // policy and reference are rounded alike
        Assert.NotEqual(exact[0].LogpsChosen, rounded[0].LogpsChosen);
        Assert.Equal(exact[0].LogpsChosen, rounded[0].LogpsChosen, 0.02 * Math.Abs(exact[0].LogpsChosen));

        using var model = LocalModel.Open(lab["bf16/checkpoint"], torch.ScalarType.Float32);
        Assert.Contains(model.Network.Parameters.MasterOf("model.layers.0.self_attn.q_proj.weight").ToArray(), weight => (BitConverter.SingleToUInt32Bits(weight) & 0xFFFF) != 0);

        List<TrainingStep> Steps(string name) => Jsonl.Read<TrainingStep>(new RunFolder(lab[name]), "training.jsonl");
    }

    [Fact]
    public async Task Dev_pairs_are_scored_before_and_during_the_training_and_the_best_weights_kept()
    {
        // At such a rate the training leaves the dev pairs behind sooner or later; what is kept is the best that was seen.
        Assert.Equal(0, await lab.TrainAsync("out", "--eval", lab.Eval, "--set", "dev.every_steps=4", "--set", "dev.keep=best", "--set", "dpo.learning_rate=3e-2"));
        var scores = Jsonl.Read<DevScore>(new RunFolder(lab["out"]), "training-eval.jsonl");
        Assert.Equal([0, 4, 8, 12, 16, 18], scores.Select(score => score.Step));
        Assert.Equal(Math.Log(2), scores[0].Loss, 1e-6);
        using var result = JsonDocument.Parse(File.ReadAllBytes(lab["out/training.json"]));
        Assert.Equal(scores.MinBy(score => score.Loss)!.Step, result.RootElement.GetProperty("kept_step").GetInt32());
        Assert.Equal(5, result.RootElement.GetProperty("dev_pairs").GetInt32());
    }

    [Fact]
    public async Task Weights_that_only_get_worse_are_rolled_back_to_the_start_and_patience_ends_the_training()
    {
        lab.OpposeEval();
        Assert.Equal(0, await lab.TrainAsync("out", "--eval", lab.Eval, "--set", "dev.every_steps=2", "--set", "dev.keep=best", "--set", "dev.patience=3"));
        Assert.Contains("6 steps, the weights of step 0 are kept", lab.Error, StringComparison.Ordinal);
        using var start = LocalModel.Open(TrainingLab.Model, torch.ScalarType.Float32);
        using var kept = LocalModel.Open(lab["out/checkpoint"], torch.ScalarType.Float32);
        foreach (var slot in start.Network.Parameters.Layout.Slots)
        {
            Assert.Equal(start.Network.Parameters.MasterOf(slot.Name).ToArray(), kept.Network.Parameters.MasterOf(slot.Name).ToArray());
        }
    }

    [Fact]
    public async Task A_model_whose_log_probs_are_not_finite_is_refused_before_training()
    {
        // Finite weights whose logits are not.
        using (var model = LocalModel.Open(TrainingLab.Model, torch.ScalarType.Float32))
        {
            model.Network.Parameters.MasterOf("model.norm.weight").Fill(3e38f);
            model.Save(lab["huge"], SafetensorsType.F32);
        }

        var arguments = lab.Arguments("out");
        arguments[3] = lab["huge"];
        Assert.Equal(2, await lab.RunAsync(arguments));
        Assert.Contains("log-probs are not finite before training begins: its weights are damaged.", lab.Error, StringComparison.Ordinal);
        Assert.Equal((false, false), (Directory.Exists(lab["out/checkpoint"]), File.Exists(lab["out/training.jsonl"])));
    }

    [Fact]
    public async Task An_alarm_is_shown_and_kept()
    {
        File.WriteAllLines(lab.Pairs, Enumerable.Range(0, 12).Select(i => TrainingLab.Line($"Town {i}?", $"Town {i} is a town by the sea with a port and a mill.", $"Town {i}.")));
        await lab.TrainAsync("out");
        Assert.Contains("warning  out: length_growth: ", lab.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("pairs.length_matched", lab.Error, StringComparison.Ordinal); // which a file of pairs has not
        Assert.StartsWith("{\"step\":0,\"name\":\"length_growth\"", File.ReadAllText(lab["out/alarms.jsonl"]), StringComparison.Ordinal);
    }

    private static void Cancel(CancellationTokenSource source, bool now)
    {
        if (now)
        {
            source.Cancel();
        }
    }
}
