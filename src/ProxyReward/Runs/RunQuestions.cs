using ProxyReward.Questions;

namespace ProxyReward.Runs;

/// <summary>questions.jsonl: the questions as a run began with them. run.json has its hash; every other file of the run is planned by it.</summary>
internal static class RunQuestions
{
    public const string FileName = "questions.jsonl";

    /// <summary>Writes the questions that a run begins with.</summary>
    /// <exception cref="RequestException">A question set is absent or damaged, or a question is in two splits.</exception>
    public static void Write(IRunStore store, RunParts parts) => Jsonl.Write(store, FileName, parts.Questions().Joined());

    /// <summary>The questions that a run began with. A file that is lost is made again, if the question sets still give the same.</summary>
    /// <exception cref="RequestException">They are neither here nor in the question sets; no other file is to blame.</exception>
    public static QuestionSplits Read(IRunStore store, RunParts parts, RunCard card)
    {
        if (!store.Exists(FileName))
        {
            MakeAgain(store, parts, card);
        }

        return card.HasBegunWith(store.Read(FileName))
            ? QuestionSplits.Of(Jsonl.Read<MetaQuestion>(store, FileName))
            : throw new RequestException(
                $"{store.PathOf(FileName)}: these are not the questions that the run began with; {RunCard.FileName} has their hash. Delete this file, and no other, and run again: it is made again from the question sets.");
    }

    private static void MakeAgain(IRunStore store, RunParts parts, RunCard card)
    {
        const string Mend = "Put this file or the question sets back from a copy, or begin again in another folder with --out. The other files are as they were.";
        byte[] questions;
        try
        {
            questions = Jsonl.Bytes(parts.Questions().Joined());
        }
        catch (RequestException e)
        {
            throw new RequestException($"{store.PathOf(FileName)}: this file is lost and cannot be made again: {e.Message} {Mend}", e);
        }

        if (!card.HasBegunWith(questions))
        {
            throw new RequestException($"{store.PathOf(FileName)}: this file is lost, and the question sets have changed since the run began. {Mend}");
        }

        store.Write(FileName, questions);
    }
}
