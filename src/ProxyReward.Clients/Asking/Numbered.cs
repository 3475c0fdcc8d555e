namespace ProxyReward.Clients.Asking;

/// <summary>A part of a reply that speaks of the statement with a number, counted from 1.</summary>
internal interface INumbered
{
    int Number { get; }
}

/// <summary>Statements by number: how they are shown to a model, and how its reply is held to them.</summary>
internal static class Numbered
{
    /// <summary>One line each.</summary>
    public static string List(IEnumerable<string> statements) =>
        string.Join('\n', statements.Select((statement, i) => $"{i + 1}. {statement.ReplaceLineEndings(" ")}"));

    /// <summary>The parts in the order of their numbers.</summary>
    /// <exception cref="ReplyException">A number is missing, there twice or beyond the list.</exception>
    public static T[] InOrder<T>(IReadOnlyList<T> parts, int count)
        where T : class, INumbered
    {
        var numbers = parts.Select(part => part?.Number ?? 0).Order();
        return numbers.SequenceEqual(Enumerable.Range(1, count))
            ? [.. parts.OrderBy(part => part.Number)]
            : throw new ReplyException($"the reply must speak of each statement from 1 to {count} once");
    }
}
