using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Reports.Contents;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Sections;

/// <summary>The first answer of a model to each held-out question.</summary>
internal sealed class FirstAnswers(ArmContents arm)
{
    private readonly Dictionary<string, Response> answers =
        arm.Answers.DistinctBy(r => r.QuestionId, StringComparer.Ordinal).ToDictionary(r => r.QuestionId, StringComparer.Ordinal);

    private readonly Dictionary<string, IReadOnlyList<ProxyVerdict>> verdicts =
        arm.Verdicts.DistinctBy(v => v.ResponseId, StringComparer.Ordinal).ToDictionary(v => v.ResponseId, v => v.Verdicts, StringComparer.Ordinal);

    private readonly IReadOnlyDictionary<string, double> accuracies = PerQuestion.Means(arm.HeldOut, m => m.Accuracy);

    public bool Has(MetaQuestion question) => answers.ContainsKey(question.Id);

    /// <summary>Over all answers to a question; 0 where it is not known.</summary>
    public double MeanAccuracy(MetaQuestion question) => accuracies.GetValueOrDefault(question.Id);

    public ReadAnswer To(MetaQuestion question)
    {
        var answer = answers[question.Id];
        var asked = question.Proxies.Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        return new(
            arm.Arm.Name,
            question,
            answer,
            verdicts.GetValueOrDefault(answer.Id, []).Where(v => asked.Contains(v.ProxyId)).DistinctBy(v => v.ProxyId, StringComparer.Ordinal)
                .ToDictionary(v => v.ProxyId, StringComparer.Ordinal),
            accuracies.TryGetValue(question.Id, out var mean) ? mean : null);
    }
}
