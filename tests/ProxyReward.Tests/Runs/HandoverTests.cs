using System.Text;
using System.Text.RegularExpressions;
using ProxyReward.Recipes;
using ProxyReward.Runs;
using ProxyReward.Runs.Handovers;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Tests.Runs;

/// <summary>Keys and defaults of TRL and LLaMA-Factory are from their sources, at the versions that the files name.</summary>
public sealed partial class HandoverTests : IDisposable
{
    private static readonly Handover SevenBillion = new(
        "paper", new HandoverModel("Qwen/Qwen2.5-7B-Instruct", "main"), new DpoOptions { Lora = new(), Seed = 3 }, "pairs.jsonl", 80, null);

    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TRL_is_told_all_that_the_recipe_says() => Assert.Equal(
        """
        # The training of the run 'paper' by TRL, in the folder of this file: trl dpo --config pairs.trl.yaml
        # Keys as TRL 1.10.0.dev0 (f2cd577) and transformers (00349ae) have them, read in their sources. Not run by us.
        model_name_or_path: Qwen/Qwen2.5-7B-Instruct
        model_revision: main
        dtype: float32  # as here; with an adapter, bfloat16 halves what the other weights take
        datasets:
          - path: json
            data_files: pairs.jsonl
        output_dir: pairs.trl.trained

        loss_type: [sigmoid]
        beta: 0.1
        use_peft: true
        lora_r: 16
        lora_alpha: 32
        lora_dropout: 0.0
        lora_target_modules: [all-linear]
        use_rslora: false
        max_length: 2048
        truncation_mode: keep_start  # dpo.truncation: drop is not to be had: longer pairs are cut, not left out, but for those whose prompt alone is too long
        precompute_ref_log_probs: true  # as here; no second model in memory
        gradient_checkpointing: false  # true takes less memory and more time

        per_device_train_batch_size: 2
        gradient_accumulation_steps: 8  # of one process; with n GPUs divide it by n, so that a step has as many pairs
        num_train_epochs: 5
        learning_rate: 5.0E-07
        lr_scheduler_type: linear
        warmup_steps: 0
        optim: adamw_torch
        adam_beta1: 0.9
        adam_beta2: 0.999
        adam_epsilon: 1.0E-08
        weight_decay: 0.0
        max_grad_norm: 1.0
        bf16: true  # dpo.precision is auto; false where the GPU has no bf16
        seed: 3  # their order of the pairs is another
        logging_steps: 1
        report_to: none

        """.ReplaceLineEndings("\n"),
        TrlSettings.Write(SevenBillion));

    [Fact]
    public void LLaMA_Factory_is_told_all_that_the_recipe_says() => Assert.Equal(
        """
        # The training of the run 'paper' by LLaMA-Factory, in the folder of this file: llamafactory-cli train pairs.llama-factory.yaml
        # Keys as LLaMA-Factory 0.9.6.dev0 (ff6d4d1) and transformers (00349ae) have them, read in their sources. Not run by us.
        # Two iterations.
        model_name_or_path: /models/7b
        # template: not given, so that it is read from the model's own chat template, as it is here (0.9.5 and later do that)
        dataset_dir: "."
        dataset: pairs
        output_dir: pairs.llama-factory.trained

        stage: dpo
        do_train: true
        finetuning_type: lora
        lora_rank: 16
        lora_alpha: 32
        lora_dropout: 0.0
        lora_target: "q_proj,v_proj"
        use_rslora: true
        pref_loss: sigmoid
        pref_beta: 0.1
        pref_ftx: 0.2
        cutoff_len: 2048  # dpo.truncation: keep_start is not to be had: of longer pairs prompt and answers are both cut
        disable_gradient_checkpointing: false

        per_device_train_batch_size: 2
        gradient_accumulation_steps: 8  # of one process; with n GPUs divide it by n, so that a step has as many pairs
        num_train_epochs: 5
        learning_rate: 5.0E-07
        lr_scheduler_type: cosine
        warmup_steps: 7
        optim: adamw_torch
        adam_beta1: 0.9
        adam_beta2: 0.999
        adam_epsilon: 1.0E-08
        weight_decay: 0.01
        max_grad_norm: 0.5
        bf16: false
        seed: 3  # their order of the pairs is another
        logging_steps: 1
        report_to: none

        """.ReplaceLineEndings("\n"),
        LlamaFactorySettings.Write(SevenBillion with
        {
            Model = new("/models/7b", null),
            Caution = "Two iterations.",
            Dpo = SevenBillion.Dpo with
            {
                Lora = new() { TargetModules = ["q_proj", "v_proj"], Rslora = true },
                NllWeight = 0.2,
                Truncation = Truncation.KeepStart,
                ActivationCheckpointing = true,
                Schedule = LearningRateSchedule.Cosine,
                WarmupSteps = 7,
                WeightDecay = 0.01,
                MaxGradNorm = 0.5,
                Precision = ComputePrecision.Fp32,
            },
        }));

    [Fact]
    public void Without_an_adapter_all_weights_are_trained()
    {
        Assert.Contains("use_peft: false", Trl(new DpoOptions()));
        Assert.DoesNotContain(Trl(new DpoOptions()), line => line.StartsWith("lora", StringComparison.Ordinal));
        Assert.Contains("finetuning_type: full", LlamaFactory(new DpoOptions()));
    }

    [Theory]
    [InlineData(5e-7, "5.0E-07")]
    [InlineData(2e-5, "2.0E-05")]
    [InlineData(1.5e-8, "1.5E-08")]
    [InlineData(1, "1.0")]
    [InlineData(0.05, "0.05")]
    public void Numbers_are_numbers_to_the_YAML_of_Python_as_well(double rate, string text)
    {
        Assert.Contains($"learning_rate: {text}", Trl(new DpoOptions { LearningRate = rate }));
        Assert.Matches(FloatOfPyYaml(), text);
    }

    // 37 pairs: 10 micro-batches of 4, 5 steps of 2, 15 steps in 3 epochs; a tenth of them is 1.5.
    [Fact]
    public void A_share_of_the_steps_is_told_as_a_number_of_steps()
    {
        var dpo = new DpoOptions { BatchSize = 4, GradientAccumulation = 2, Epochs = 3, WarmupRatio = 0.1 };
        var lines = TrlSettings.Write(SevenBillion with { Dpo = dpo, Count = 37 }).Split('\n');
        Assert.Contains("warmup_steps: 2  # dpo.warmup_ratio 0.1 of the steps that 37 pairs make", lines);
        Assert.Contains("lr_scheduler_type: constant", Trl(new DpoOptions { Schedule = LearningRateSchedule.Constant }));
        Assert.Contains("lr_scheduler_type: constant_with_warmup", Trl(new DpoOptions { Schedule = LearningRateSchedule.Constant, WarmupSteps = 2 }));
    }

    [Fact]
    public void Losses_that_TRL_has_are_named_as_it_names_them()
    {
        Assert.Contains("loss_type: [sigmoid_norm]", Trl(new DpoOptions { Loss = DpoLoss.SigmoidNorm }));
        Assert.Contains("loss_type: [robust]", Trl(new DpoOptions { Loss = DpoLoss.Robust, LabelSmoothing = 0.1 }));
        Assert.Contains("label_smoothing: 0.1", Trl(new DpoOptions { Loss = DpoLoss.Robust, LabelSmoothing = 0.1 }));
        Assert.Contains("loss_type: [ipo, sft]", Trl(new DpoOptions { Loss = DpoLoss.Ipo, SftWeight = 0.2 }));
        Assert.Contains("loss_weights: [1.0, 0.2]", Trl(new DpoOptions { Loss = DpoLoss.Ipo, SftWeight = 0.2 }));
        Assert.Contains("loss_weights: [1.0, 0.75]", Trl(new DpoOptions { BatchSize = 1, SftWeight = 0.25, NllWeight = 0.5 }));
        Assert.Contains("pref_ftx: 0.75", LlamaFactory(new DpoOptions { BatchSize = 1, SftWeight = 0.25, NllWeight = 0.5 }));
    }

    [Fact]
    public void What_a_program_cannot_do_is_refused_by_its_key()
    {
        Refused(Trl, "dpo.dpo_positive_lambda", new() { DpoPositiveLambda = 1 });
        Refused(Trl, "dpo.nll_weight", new() { NllWeight = 0.1 });
        Refused(Trl, "dpo.lora.alpha", new() { Lora = new() { Alpha = 1.5 } });
        Refused(Trl, "seed", new() { Seed = -1 });
        Refused(LlamaFactory, "dpo.dpo_positive_lambda", new() { DpoPositiveLambda = 1 });
        Refused(LlamaFactory, "dpo.sft_weight", new() { SftWeight = 0.1 });
        Refused(LlamaFactory, "dpo.lora.alpha", new() { Lora = new() { Alpha = 1.5 } });
        Refused(LlamaFactory, "seed", new() { Seed = 1L << 32 });
        foreach (var loss in Enum.GetValues<DpoLoss>().Where(loss => loss != DpoLoss.Sigmoid))
        {
            Refused(LlamaFactory, "dpo.loss", new() { Loss = loss });
        }
    }

    [Fact]
    public void The_list_of_data_sets_keeps_what_it_says_of_others()
    {
        var sets = LlamaFactorySettings.DataSets("""{"theirs": {"file_name": "a.json", "x": 1.50}, "pairs": {"old": true}}""", SevenBillion, "data/dataset_info.json");
        Assert.Equal(
            """{"theirs":{"file_name":"a.json","x":1.50},"pairs":{"file_name":"pairs.jsonl","ranking":true,"columns":{"prompt":"instruction","query":"input","chosen":"chosen","rejected":"rejected"}}}""",
            sets.ToJsonString());
        Assert.Equal(["pairs"], LlamaFactorySettings.DataSets(null, SevenBillion, "").Select(set => set.Key));
        foreach (var damaged in new[] { "", "[1]", "{" })
        {
            Assert.StartsWith("data/dataset_info.json: ", Assert.Throws<RequestException>(() => LlamaFactorySettings.DataSets(damaged, SevenBillion, "data/dataset_info.json")).Message, StringComparison.Ordinal);
        }

        foreach (var name in new[] { "a,b.jsonl", "pairs.txt" })
        {
            Assert.Contains(name, Assert.Throws<RequestException>(() => LlamaFactorySettings.DataSets(null, SevenBillion with { Pairs = name }, "")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_iteration_starts_from_the_model_that_wrote_its_pairs()
    {
        var run = new RunFolder(folder["run"]);
        foreach (var i in new[] { 1, 2, 3 })
        {
            run.Write($"iteration-{i}/pairs.jsonl", []);
        }

        var recipe = new FakeLab(folder["lab"]).Recipe("iterations=3", "seed=5");
        Assert.Equal(new HandoverModel("base", null), Of(1).Model);
        Assert.Equal(folder["run/iteration-1/checkpoint"], Of(2).Model.Name);
        Assert.Equal(folder["run/iteration-2/checkpoint"], Of(3).Model.Name);
        Assert.Equal(("base", 5L), (Of(null).Model.Name, Of(null).Dpo.Seed));
        Assert.Contains("Pairs of iterations 1, 2, 3 together", Of(null).Caution, StringComparison.Ordinal);
        Assert.Null(Of(2).Caution);

        // Iteration 2 lost on the dev questions.
        recipe = recipe with { Keep = IterationKeep.BestOnDev };
        run.Write("iteration-2/dev.json", Encoding.UTF8.GetBytes("""{"accuracy": 0.1, "start_accuracy": 0.2, "kept": "iteration 1"}"""));
        Assert.Equal(folder["run/iteration-1/checkpoint"], Of(3).Model.Name);
        run.Write("iteration-2/dev.json", Encoding.UTF8.GetBytes("""{"accuracy": 0.1, "start_accuracy": 0.2, "kept": "base"}"""));
        Assert.Equal("base", Of(3).Model.Name);

        Handover Of(int? iteration) => Handover.Of(run, recipe, iteration, new HandoverModel("base", null), folder["out/pairs.jsonl"], 1);
    }

    private static string[] Trl(DpoOptions dpo) => Keys(TrlSettings.Write(SevenBillion with { Dpo = dpo }));

    private static string[] LlamaFactory(DpoOptions dpo) => Keys(LlamaFactorySettings.Write(SevenBillion with { Dpo = dpo }));

    private static string[] Keys(string text) => [.. text.Split('\n').Select(line => line.Split("  #")[0])];

    private static void Refused(Func<DpoOptions, string[]> write, string key, DpoOptions dpo) =>
        Assert.StartsWith($"'{key}': ", Assert.Throws<RequestException>(() => write(dpo)).Message, StringComparison.Ordinal);

    // yaml/resolver.py of PyYAML, tag:yaml.org,2002:float.
    [GeneratedRegex(@"^[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?$")]
    private static partial Regex FloatOfPyYaml();
}
