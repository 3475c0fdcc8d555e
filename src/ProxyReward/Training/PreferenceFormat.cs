namespace ProxyReward.Training;

/// <summary>How other programs want preference pairs: JSONL, a pair a line.</summary>
public enum PreferenceFormat
{
    /// <summary>TRL's conversational form: prompt, chosen and rejected are lists of messages.</summary>
    Trl,

    /// <summary>LLaMA-Factory's alpaca form; the data set is declared with <c>"ranking": true</c>.</summary>
    LlamaFactory,

    /// <summary>OpenAI's form for fine-tuning by direct preference optimization.</summary>
    OpenAI,
}

/// <summary>Preference pairs as other programs want them.</summary>
public static class PreferenceLine
{
    /// <summary>A pair as the object that is one line of JSON.</summary>
    public static object Of(TrainingPair pair, PreferenceFormat format)
    {
        var (question, chosen, rejected) = (pair.Question.Text, pair.Chosen.Text, pair.Rejected.Text);
        return format switch
        {
            PreferenceFormat.Trl => new { prompt = Turn("user", question), chosen = Turn("assistant", chosen), rejected = Turn("assistant", rejected) },
            PreferenceFormat.LlamaFactory => new { instruction = question, input = "", chosen, rejected },
            PreferenceFormat.OpenAI => new
            {
                input = new { messages = Turn("user", question) },
                preferred_output = Turn("assistant", chosen),
                non_preferred_output = Turn("assistant", rejected),
            },
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
        };
    }

    private static object[] Turn(string role, string content) => [new { role, content }];
}
