using System.Text;

namespace ProxyReward.Cli.Results;

/// <summary>Rows of cells in columns of plain text, the same on a terminal and in a file: the first column to the left, the others to the right.</summary>
internal static class TextTable
{
    /// <summary>One line for each row.</summary>
    /// <param name="rows">The header first; all of the same number of cells.</param>
    public static string Of(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            var line = new StringBuilder(row[0].PadRight(widths[0]));
            for (var column = 1; column < row.Length; column++)
            {
                line.Append("  ").Append(row[column].PadLeft(widths[column]));
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
