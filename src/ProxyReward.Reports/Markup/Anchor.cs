using System.Text;

namespace ProxyReward.Reports.Markup;

/// <summary>Names of places in the page.</summary>
internal static class Anchor
{
    /// <summary>The name of what has a title: its ASCII letters and digits in lower case, everything between them one hyphen.</summary>
    public static string Of(string title)
    {
        var name = new StringBuilder(title.Length);
        foreach (var c in title)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                name.Append(char.ToLowerInvariant(c));
            }
            else if (name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }
        }

        return name.ToString().TrimEnd('-');
    }
}
