using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Verdicts;

namespace ProxyReward.Testing;

/// <summary>
/// A world so small that a run takes milliseconds: a question has proxies p0, p1, …, all true; a response is made of the sentences
/// "q/p0 holds." (true) and "q/p0 fails." (false). Everything about it is a function of the seed.
/// </summary>
public sealed class FakeLab(string folder, Action? beforeWrite = null)
{
    private const int Proxies = 5;

    /// <summary>A recipe for this world, with the given keys changed.</summary>
    public Recipe Recipe(params string[] overrides)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "fake.yaml");
        File.WriteAllText(path, $$"""
            name: fake
            seed: 3
            model: {{Model}}
            questions: {train: train.jsonl, held_out: held-out.jsonl}
            reader: exact
            controls: [length]
            iterations: 2
            responses: {k: 4, max_new_tokens: 40, batch: 3}
            pairs: {question_share: 1, per_question: 2}
            dpo: {batch_size: 2, gradient_accumulation: 1, epochs: 1}
            evaluation: {responses: 2, bootstrap_draws: 100}
            """);
        return RecipeFile.Load(path, overrides);
    }

    /// <summary>The folder of the model that a run starts from.</summary>
    public string Model => Path.Combine(folder, "model");

    /// <summary>What a run in this world is composed of.</summary>
    public RunParts Parts(int train = 2, int heldOut = 2)
    {
        if (!Directory.Exists(Model))
        {
            FakePolicy.Create(Model, 0.4);
        }

        return new()
        {
            Questions = () => new(Questions("train", train), [], Questions("held", heldOut)),
            Model = () => Model,
            Policies = new FakePolicyLoader(beforeWrite),
            Readers = _ => new FakeReader(),
            Judge = () => new FakeJudge(),
            Facts = new FakeFacts(),
        };
    }

    /// <summary>Questions named after their split.</summary>
    public static IReadOnlyList<MetaQuestion> Questions(string split, int count) =>
    [
        .. Enumerable.Range(0, count).Select(q => new MetaQuestion(
            $"{split}/{q}", "fake", $"Tell me about {split} {q}.",
            [.. Enumerable.Range(0, Proxies).Select(p => new ProxyQuestion($"{split}/{q}/p{p}", $"{split}/{q}/p{p} holds.", true))])),
    ];

    /// <summary>Looks for the two sentences.</summary>
    private sealed class FakeReader : IReader
    {
        public string Name => "fake";

        public bool Quotes => true;

        public bool KnowsGoldAnswers => false;

        public Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ProxyVerdict>>([.. question.Proxies.Select(proxy =>
                text.Contains($"{proxy.Id} holds.", StringComparison.Ordinal) ? new ProxyVerdict(proxy.Id, Verdict.True, $"{proxy.Id} holds.")
                : text.Contains($"{proxy.Id} fails.", StringComparison.Ordinal) ? new ProxyVerdict(proxy.Id, Verdict.False, $"{proxy.Id} fails.")
                : new ProxyVerdict(proxy.Id, Verdict.NotStated))]);
    }

    private sealed class FakeJudge : IJudge
    {
        public Task<double> RateAsync(MetaQuestion question, string text, CancellationToken cancellationToken) =>
            Task.FromResult(1 + Draws.Of(1, "judge", text).Uniform());

        public void Dispose()
        {
            // Holds nothing.
        }
    }

    private sealed class FakeFacts : IFactChecker
    {
        public FactCheck? Check(MetaQuestion question, string text)
        {
            var sentences = text.Split(". ");
            return new(sentences.Length, sentences.Count(s => s.Contains("fails", StringComparison.Ordinal)), sentences.Length - sentences.Distinct(StringComparer.Ordinal).Count());
        }
    }
}
