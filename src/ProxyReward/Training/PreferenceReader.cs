using System.Text.Json;

namespace ProxyReward.Training;

/// <summary>
/// Pairs as other programs write them, told apart by their keys:
/// <list type="bullet">
/// <item>TRL: <c>prompt</c>, <c>chosen</c>, <c>rejected</c>, each a text or each a list of messages; without a prompt it is what both answers begin with</item>
/// <item>LLaMA-Factory, alpaca: <c>instruction</c>, <c>input</c>, <c>system</c>, <c>history</c>, <c>chosen</c>, <c>rejected</c></item>
/// <item>LLaMA-Factory, sharegpt: <c>conversations</c> (from, value) or <c>messages</c> (role, content), <c>system</c>, <c>chosen</c>, <c>rejected</c></item>
/// <item>OpenAI: <c>input.messages</c>, <c>preferred_output</c>, <c>non_preferred_output</c></item>
/// </list>
/// </summary>
internal static class PreferenceReader
{
    private static readonly string[] Unread = ["tools", "functions", "images", "image", "videos", "audios", "chat_template_kwargs"];

    /// <exception cref="RequestException">It is no pair; says what is wrong and what a pair is.</exception>
    public static TrainingExample Read(JsonElement json, string place)
    {
        var line = new PreferenceObject(json, place);
        Array.ForEach(Unread, line.Refuse);
        return line switch
        {
            _ when line.Has("preferred_output") => OpenAI(line),
            _ when line.Has("conversations") => ShareGpt(line, "conversations"),
            _ when line.Has("messages") && !line.Has("prompt") && line.IsOneMessage("chosen") => ShareGpt(line, "messages"), // beside whole conversations it is one of them again
            _ when line.Has("instruction") => Alpaca(line),
            _ when line.Has("chosen") && line.Has("rejected") => Trl(line),
            _ => throw line.Wrong(
                $"no known form of a pair has the keys {line.Keys}",
                "give prompt, chosen and rejected (TRL), instruction, chosen and rejected or conversations (or messages), chosen and rejected (LLaMA-Factory), or input, preferred_output and non_preferred_output (OpenAI)"),
        };
    }

    private static ChatExample OpenAI(PreferenceObject line)
    {
        var input = line.Object("input");
        Array.ForEach(Unread, input.Refuse);
        return new(line.Place, input.Messages("messages"), line.Messages("preferred_output"), line.Messages("non_preferred_output"));
    }

    private static ChatExample ShareGpt(PreferenceObject line, string conversation) =>
        new(line.Place, [.. System(line), .. line.Messages(conversation)], line.Messages("chosen"), line.Messages("rejected"));

    private static ChatExample Alpaca(PreferenceObject line)
    {
        var input = line.TextOr("input", "");
        var asked = line.Text("instruction") + (input.Length > 0 ? "\n" + input : "");
        return new(
            line.Place,
            [.. System(line), .. line.Turns("history"), new Message("user", asked)],
            [new Message("assistant", line.Text("chosen"))],
            [new Message("assistant", line.Text("rejected"))]);
    }

    private static IEnumerable<Message> System(PreferenceObject line) =>
        line.TextOr("system", "") is { Length: > 0 } system ? [new Message("system", system)] : [];

    private static TrainingExample Trl(PreferenceObject line)
    {
        if (line.IsText("chosen") && line.IsText("rejected"))
        {
            var (chosen, rejected) = (line.Text("chosen"), line.Text("rejected"));
            return line.Has("prompt") ? new TextExample(line.Place, line.Text("prompt"), chosen, rejected) : ImplicitText(line, chosen, rejected);
        }

        var (better, worse) = (line.Messages("chosen"), line.Messages("rejected"));

        // A prompt that is a text beside answers that are whole conversations is only their first message again.
        return line.Has("prompt") && !line.IsText("prompt")
            ? new ChatExample(line.Place, line.Messages("prompt"), better, worse)
            : ImplicitChat(line, better, worse);
    }

    // As TRL's extract_prompt a space before the first difference belongs to the answers; ours is that so do the letters of a word, or of a character, which they share.
    private static TextExample ImplicitText(PreferenceObject line, string chosen, string rejected)
    {
        var same = Array.FindLastIndex(chosen.ToCharArray(0, chosen.AsSpan().CommonPrefixLength(rejected)), char.IsWhiteSpace);
        return same <= 0
            ? throw line.Wrong("there is no prompt, and chosen and rejected do not begin with the same word", "give the prompt")
            : new TextExample(line.Place, chosen[..same], chosen[same..], rejected[same..]) { PromptIsCommonPart = true };
    }

    private static ChatExample ImplicitChat(PreferenceObject line, IReadOnlyList<Message> chosen, IReadOnlyList<Message> rejected)
    {
        var same = chosen.Zip(rejected).TakeWhile(pair => pair.First == pair.Second).Count();
        same = Math.Min(same, Math.Min(chosen.Count, rejected.Count) - 1); // at least one message is the answer
        return same == 0
            ? throw line.Wrong("there is no prompt, and chosen and rejected do not begin with the same message", "give the prompt")
            : new ChatExample(line.Place, [.. chosen.Take(same)], [.. chosen.Skip(same)], [.. rejected.Skip(same)]);
    }
}
