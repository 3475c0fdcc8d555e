using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ProxyReward.Evaluation;
using ProxyReward.Pairs;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Recipes;

/// <summary>
/// Everything a run is asked to do. Read by <see cref="RecipeFile"/>; descriptions, ranges and defaults here are also what the error
/// messages and the JSON schema for editors are made of.
/// </summary>
public sealed record Recipe
{
    [Description("Name of the run; the run folder is runs/<name> unless --out says otherwise")]
    [Required, RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]*")]
    public required string Name { get; init; }

    [Description("Seed of every random draw: sampling, control rewards, order of pairs, bootstrap")]
    public long Seed { get; init; }

    [Description("The model to start from: a Hugging Face folder or a GGUF (a relative path is looked for in the working directory, then beside the recipe and above it), or owner/name[@revision] that `models pull` fetched")]
    [Required]
    public required string Model { get; init; }

    [Description("Question sets")]
    public required QuestionOptions Questions { get; init; }

    [Description("The pocket lab; only where a question set is pocket")]
    public LabOptions Lab { get; init; } = new();

    [Description("Who answers the proxy questions from a response")]
    public required ReaderKind Reader { get; init; }

    [Description("How a reader that is a model reads: chat, logit or entailment")]
    public ReadingOptions Reading { get; init; } = new();

    [Description("Who rates texts where a reward is judge; without model, the pocket model itself in the pocket lab, and nobody elsewhere")]
    public JudgingOptions Judging { get; init; } = new();

    [Description("What the loop trains for")]
    public RewardKind Reward { get; init; } = RewardKind.Accuracy;

    [Description("Weights of reward: mix")]
    public MixOptions Mix { get; init; } = new();

    [Description("What to compare with: rewards that are each trained for one iteration from the base's responses, or temperature, the base sampled colder, and trained_temperature, iteration 1 sampled as cold")]
    public IReadOnlyList<ControlKind> Controls { get; init; } = [];

    [Description("Rounds of respond, read, score, pair, train, evaluate"), Range(0, 100)]
    public int Iterations { get; init; } = 1;

    [Description("Which model the next iteration starts from: the last one, or the best so far on the dev questions, so that an iteration that lost is rolled back (ours)")]
    public IterationKeep Keep { get; init; }

    [Description("Responses to the training questions")]
    public ResponseOptions Responses { get; init; } = new();

    [Description("How the chat templates of the models on this machine are rendered: of the policy, of readers and of judges")]
    public ChatTemplateOptions Chat { get; init; } = new();

    [Description("Preference pairs")]
    public PairOptions Pairs { get; init; } = new();

    [Description("Direct preference optimisation")]
    public DpoOptions Dpo { get; init; } = new();

    [Description("Comparison on the held-out questions")]
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>The reader of the training responses.</summary>
    [JsonIgnore]
    public ReaderChoice TrainingReader => new(Reader, Reading);

    /// <summary>The reader behind the indicator second_reader; null where there is none.</summary>
    [JsonIgnore]
    public ReaderChoice? SecondReader => Pairs.SecondReader is { } second ? new(second, Pairs.SecondReading) : null;

    /// <summary>Whether the judge rates the responses that a model is trained on for a reward: as the reward, in a mix, or as an indicator of pairs.</summary>
    public bool AsksJudge(RewardKind reward) =>
        reward == RewardKind.Judge || (reward == RewardKind.Mix && Mix.Judge != 0) || Pairs.Indicators.Contains(Indicator.Judge);

    /// <summary>The reader of the held-out responses.</summary>
    [JsonIgnore]
    public ReaderChoice EvaluationReader => Evaluation.Reader is { } own ? new(own, Evaluation.Reading) : TrainingReader;

    /// <summary>Whether a question set is the pocket lab's, whose entities lab.split_seed shuffles.</summary>
    [JsonIgnore]
    public bool UsesPocket => new[] { Questions.Train, Questions.Dev, Questions.HeldOut }.Contains(QuestionOptions.Pocket, StringComparer.Ordinal);
}

/// <summary>Which model the loop goes on with.</summary>
public enum IterationKeep
{
    /// <summary>The one that was trained last.</summary>
    Last,

    /// <summary>The one with the highest accuracy on the dev questions, the base among them; of equals the later.</summary>
    BestOnDev,
}

/// <summary>Where the questions come from: <c>pocket</c>, or a JSONL file.</summary>
public sealed record QuestionOptions
{
    /// <summary>The name of the pocket lab's own questions.</summary>
    public const string Pocket = "pocket";

    [Description("Questions the policy is trained on: pocket, or a JSONL file"), Required]
    public required string Train { get; init; }

    [Description("Questions for choices between models; kept apart from training and evaluation")]
    public string? Dev { get; init; }

    [Description("Questions the models are compared on; never trained on"), Required]
    public required string HeldOut { get; init; }
}

/// <summary>Settings of the pocket lab.</summary>
public sealed record LabOptions
{
    [Description("Shuffles which entities are train, dev and held-out; 0 keeps their order"), Range(0, int.MaxValue)]
    public int SplitSeed { get; init; }
}
