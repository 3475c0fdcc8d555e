namespace ProxyReward.Models.Tokenization;

/// <summary>The tables of the model in a <c>tokenizer.json</c>: nearly all of the file.</summary>
internal sealed class ModelTables
{
    private readonly string source;

    public ModelTables(string source)
    {
        this.source = source;
        Merges = new MergeTable(Vocabulary, source);
    }

    /// <summary>Ids of the tokens.</summary>
    public Dictionary<string, int> Vocabulary { get; } = [];

    /// <summary>BPE's merges; none of a Unigram model.</summary>
    public MergeTable Merges { get; }

    /// <summary>Unigram's entries by id, with their scores; null of a BPE model.</summary>
    public List<(string Text, double Score)>? Entries { get; set; }

    /// <summary>Gives Unigram's entries their ids.</summary>
    public void Number(List<(string Text, double Score)> entries)
    {
        for (var id = 0; id < entries.Count; id++)
        {
            var (text, score) = entries[id];
            if (text.Length is 0 or > UnigramEncoder.LongestEntry || !double.IsFinite(score))
            {
                throw TokenizerFile.Broken(source, $"entry {id} of model.vocab is {text.Length} characters long with the score {score}: 1 to {UnigramEncoder.LongestEntry} and a number are possible");
            }

            if (!Vocabulary.TryAdd(text, id))
            {
                throw TokenizerFile.Broken(source, $"model.vocab has the token '{text}' twice");
            }
        }
    }
}
