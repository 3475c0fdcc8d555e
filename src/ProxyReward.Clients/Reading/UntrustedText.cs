using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ProxyReward.Clients.Reading;

/// <summary>
/// A text of a policy as a prompt shows it: between lines with a mark that whoever wrote the text could not know (a hash of it, so that the
/// cache still knows the request), and with a blank inside everything that a server could take for a token of its chat template. A quote
/// that holds such a token is then not found in the text: no sentence with one in it settles anything.
/// </summary>
public sealed partial class UntrustedText
{
    /// <param name="text">Any text.</param>
    public UntrustedText(string text)
    {
        Text = TemplateToken().Replace(text, token => $"{token.Value[0]} {token.Value[1..]}");
        for (var salt = 0; Mark is null || Text.Contains(Mark, StringComparison.Ordinal); salt++)
        {
            Mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{salt} {text}")))[..16];
        }
    }

    /// <summary>Stands before and after the text and nowhere in it.</summary>
    public string Mark { get; }

    /// <summary>The text as it is shown.</summary>
    public string Text { get; }

    // ChatML, Llama 2 to 4, Mistral, Gemma, Phi, DeepSeek, T5-like sentinels.
    [GeneratedRegex(@"<[|｜][^|｜<>]{1,64}[|｜]>|</?s>|<(bos|eos|pad|unk|start_of_turn|end_of_turn|end_of_utterance)>|\[/?(INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS)\]|<</?SYS>>", RegexOptions.ExplicitCapture)]
    private static partial Regex TemplateToken();
}
