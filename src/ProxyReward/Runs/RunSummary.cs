using System.ComponentModel;
using ProxyReward.Evaluation;

namespace ProxyReward.Runs;

/// <summary>summary.json: the numbers of a run. Every estimate carries its 95 % interval and the number of questions behind it.</summary>
/// <param name="Schema">Version of this form.</param>
/// <param name="Name">The recipe's.</param>
/// <param name="Seed">The recipe's.</param>
/// <param name="Questions">How many there are.</param>
/// <param name="Base">The model as it came.</param>
/// <param name="Iterations">The loop.</param>
/// <param name="Controls">What to compare with, by the control's name.</param>
/// <param name="Signatures">Signs that something went wrong in a known way.</param>
public sealed record RunSummary(
    [property: Description("Version of this form")] int Schema,
    string Name,
    long Seed,
    QuestionNumbers Questions,
    [property: Description("Measures of the model as it came, on the held-out questions")] MeasureTable Base,
    IReadOnlyList<ArmSummary> Iterations,
    [property: Description("What to compare with, by the control's name: models trained for another reward from the base's responses, and the base or iteration 1 sampled colder")] IReadOnlyDictionary<string, ArmSummary> Controls,
    IReadOnlyList<Signature> Signatures)
{
    /// <summary>Its name in a run folder.</summary>
    public const string FileName = "summary.json";

    /// <summary>The JSON schema that ships as docs/summary.schema.json.</summary>
    public static string JsonSchema() => RecordSchema.Of<RunSummary>("The numbers of a ProxyReward run", closed: false);
}

/// <summary>Numbers of questions.</summary>
public sealed record QuestionNumbers(int Train, int Dev, int HeldOut);
