using System.Text;

namespace ProxyReward.Models.Tests;

/// <summary>Compares many cases in one test and reports the first differences, not only the first of all.</summary>
internal sealed class Differences
{
    private const int Shown = 8;
    private readonly StringBuilder report = new();
    private int compared;
    private int different;

    public void Compare<T>(string what, T expected, T actual)
    {
        compared++;
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            Add(what, $"{expected}", $"{actual}");
        }
    }

    public void Compare(string what, IEnumerable<int> expected, IEnumerable<int> actual) =>
        Compare(what, string.Join(' ', expected), string.Join(' ', actual));

    public void Add(string what, string expected, string actual)
    {
        if (different++ < Shown)
        {
            report.Append('\n').Append(what).Append("\n  expected: ").Append(expected).Append("\n  actual:   ").Append(actual);
        }
    }

    public void AssertNone(int atLeast = 1)
    {
        Assert.True(different == 0, $"{different} of {compared} differ:{report}");
        Assert.True(compared >= atLeast, $"only {compared} cases were found to compare");
    }
}
