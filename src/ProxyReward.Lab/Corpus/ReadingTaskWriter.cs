using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Corpus;

/// <summary>
/// Puts statements to an article and answers them from it, one on a line: <c>statement =&gt; value in the text. True</c>,
/// <c>… False</c>, or <c>statement =&gt; Not stated</c>. The value comes before the verdict because verdicts alone stay at
/// chance.
/// </summary>
internal static class ReadingTaskWriter
{
    private const int StatementsPerText = 6;
    private const float QuoteWeight = 1.5f;
    private const float FirstVerdictTokenWeight = 3f;
    private const float LaterVerdictTokenWeight = .3f;

    // A third of the statements each are true, false and not stated, as far as the article tells enough and leaves enough out.
    public static IEnumerable<Segment> Answer(Article article, Draws draws)
    {
        var told = new Stack<Fact>(Shuffled(article.Facts, draws));
        var untold = new Stack<Trait>(Shuffled(article.Untold, draws));
        for (var i = 0; i < StatementsPerText; i++)
        {
            var kind = draws.Below(3);
            var isStated = untold.Count == 0 || (told.Count > 0 && kind < 2);
            var line = isStated
                ? Stated(article.Entity, told.Pop(), isTrue: kind == 0, draws)
                : NotStated(article.Entity, untold.Pop(), draws);
            foreach (var segment in line)
            {
                yield return segment;
            }

            if (i + 1 < StatementsPerText)
            {
                yield return Segment.Silent("\n");
            }
        }
    }

    private static Segment[] Stated(Entity entity, Fact told, bool isTrue, Draws draws) =>
    [
        Statement(entity, isTrue ? told : Denied(entity, told, draws), draws),
        Segment.Even($" {told.Value}.", QuoteWeight),
        Verdict(isTrue ? " True" : " False"),
    ];

    private static Segment[] NotStated(Entity entity, Trait untold, Draws draws) =>
        [Statement(entity, new Fact(untold, draws.Pick(untold.Pool)), draws), Verdict(" Not stated")];

    // Where the text errs, half of the false statements say what is true in the world: a reader must follow the text,
    // not its memory.
    private static Fact Denied(Entity entity, Fact told, Draws draws) =>
        !entity.Holds(told) && draws.Below(2) == 0
            ? entity.Truth(told.Trait)
            : told with { Value = told.Trait.DrawOther(told.Value, draws) };

    private static Segment Statement(Entity entity, Fact claim, Draws draws) =>
        Segment.Silent(claim.State(entity.Name, draws.Pick(claim.Trait.Statements)) + " =>");

    private static Segment Verdict(string text) => new(text, FirstVerdictTokenWeight, LaterVerdictTokenWeight);

    private static T[] Shuffled<T>(IEnumerable<T> items, Draws draws)
    {
        var shuffled = items.ToArray();
        draws.Shuffle(shuffled);
        return shuffled;
    }
}
