using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Evaluation.Readers;

/// <summary>Gives the verdicts that a function makes of question and text.</summary>
internal sealed class AnsweringReader(Func<MetaQuestion, string, IReadOnlyList<Verdict>> read, double? confidence = null) : IReader
{
    public string Name => "answering";

    public bool Quotes => false;

    public bool KnowsGoldAnswers => false;

    public Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ProxyVerdict>>(
            [.. question.Proxies.Zip(read(question, text), (proxy, verdict) => new ProxyVerdict(proxy.Id, verdict, null, confidence))]);
}
