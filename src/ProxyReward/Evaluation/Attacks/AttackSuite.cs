using ProxyReward.Questions;

namespace ProxyReward.Evaluation.Attacks;

/// <summary>What an attack obtains.</summary>
/// <param name="Name">The attack.</param>
/// <param name="Reward">Over questions.</param>
/// <param name="Excess">Reward less the honest floor, over the same questions; above 0 the attack pays.</param>
public sealed record AttackResult(string Name, Estimate Reward, Estimate Excess);

/// <summary>The attacks on a reader or judge, with what an honest text on another subject obtains.</summary>
/// <param name="Floor">The honest floor.</param>
/// <param name="Attacks">A line for each attack.</param>
public sealed record AttackTable(Estimate Floor, IReadOnlyList<AttackResult> Attacks)
{
    /// <summary>Attacks that obtain more than the floor.</summary>
    public IEnumerable<AttackResult> Paying => Attacks.Where(attack => attack.Excess.Mean > 1e-9);
}

/// <summary>Runs every attack on every question.</summary>
/// <param name="score">The reward of a text.</param>
/// <param name="other">An honest text on another subject than the question's.</param>
/// <param name="bootstrap">Makes the intervals.</param>
public sealed class AttackSuite(Func<MetaQuestion, string, CancellationToken, Task<double>> score, Func<MetaQuestion, string> other, Bootstrap bootstrap)
{
    /// <summary>The table.</summary>
    /// <param name="questions">At least one.</param>
    /// <param name="onAttack">Told the name of each attack before it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<AttackTable> RunAsync(IReadOnlyList<MetaQuestion> questions, Action<string>? onAttack, CancellationToken cancellationToken)
    {
        var floor = await AllAsync((_, honest) => honest).ConfigureAwait(false);
        var results = new List<AttackResult>();
        foreach (var attack in Attack.All)
        {
            onAttack?.Invoke(attack.Name);
            var rewards = await AllAsync(attack.On).ConfigureAwait(false);
            results.Add(new(attack.Name, bootstrap.Of(rewards), bootstrap.Of([.. rewards.Zip(floor, (reward, honest) => reward - honest)])));
        }

        return new(bootstrap.Of(floor), results);

        Task<double[]> AllAsync(Func<MetaQuestion, string, string> text) =>
            Task.WhenAll(questions.Select(question => score(question, text(question, other(question)), cancellationToken)));
    }
}
