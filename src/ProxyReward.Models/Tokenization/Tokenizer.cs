using System.Runtime.InteropServices;
using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// BPE over bytes or characters, or Unigram: text to token ids and back, id for id what Hugging Face's <c>tokenizers</c> computes. Thread-safe.
/// </summary>
public sealed class Tokenizer
{
    private readonly string?[] tokens;
    private readonly byte[]?[] bytes;
    private readonly bool[] special;
    private readonly Dictionary<string, int> ids;
    private readonly ISplitter[] splitters;
    private readonly int[] prefix;
    private readonly int[] suffix;
    private readonly IReadOnlyList<Func<string, string>> normalizers;
    private readonly Metaspace? metaspace;
    private readonly ITokenSpelling spelling;
    private readonly IPieceEncoder encoder;
    private readonly AddedTokenMatcher inRawText;
    private readonly AddedTokenMatcher inNormalizedText;

    internal Tokenizer(TokenizerParts parts)
    {
        tokens = parts.Validate();
        metaspace = parts.Metaspace;
        spelling = parts.Spelling;
        normalizers = parts.Normalizers;
        bytes = [.. tokens.Select(token => token is null ? null : spelling.Bytes(token))];
        special = new bool[tokens.Length];
        ids = new Dictionary<string, int>(parts.Vocabulary);
        foreach (var token in parts.Added)
        {
            special[token.Id] = token.Special;
            ids[token.Content] = token.Id;
            if (token.Normalized)
            {
                bytes[token.Id] = spelling.Bytes(Normalize(token.Content)); // what it was found by
            }
        }

        AddedTokens = parts.Added;
        splitters = [.. parts.Splitters];
        prefix = [.. parts.Prefix];
        suffix = [.. parts.Suffix];
        Pair = parts.Pair;
        encoder = parts.Encoder;
        inRawText = new AddedTokenMatcher(parts.Added.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        inNormalizedText = new AddedTokenMatcher(
            parts.Added.Where(token => token.Normalized).Select(token => (Normalize(token.Content), token)));
    }

    /// <summary>Reads <c>tokenizer.json</c>.</summary>
    /// <param name="path">The file, or the folder of a checkpoint that holds it.</param>
    /// <exception cref="RequestException">There is no such file, it is damaged, or it asks for what is not supported.</exception>
    public static Tokenizer Load(string path) => TokenizerJson.Load(path);

    /// <summary>The same from bytes.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="RequestException">The text is damaged, or asks for what is not supported.</exception>
    public static Tokenizer Parse(ReadOnlySpan<byte> json, string source) => TokenizerJson.Parse(json, source);

    /// <summary>Builds the tokenizer that a GGUF file holds.</summary>
    /// <exception cref="RequestException">The values are damaged, or ask for what is not supported.</exception>
    public static Tokenizer From(GgufTokenizer values) => new(values.ToParts());

    /// <summary>One more than the largest id. A model's embedding matrix may have more rows, never fewer.</summary>
    public int VocabSize => tokens.Length;

    /// <summary>The tokens that are cut out of the text before it is split.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>What is put around two texts to make one sequence of them; null where the tokenizer's file does not say.</summary>
    public PairTemplate? Pair { get; }

    /// <summary>The rules that cut a text, each applied to the pieces of the one before.</summary>
    internal IReadOnlyList<ISplitter> Splitters => splitters;

    /// <summary>What its tokens stand for.</summary>
    internal ITokenSpelling Spelling => spelling;

    /// <summary>The id of a token, or null. Tokens that are not added ones are written in GPT-2's byte alphabet ("Ġthe") or with SentencePiece's mark ("▁the").</summary>
    public int? TokenToId(string token) => ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>The token of an id, as the vocabulary writes it, or null where the id is not used.</summary>
    public string? IdToToken(int id) => (uint)id < (uint)tokens.Length ? tokens[id] : null;

    /// <summary>Whether decoding may leave the token out.</summary>
    public bool IsSpecial(int id) => (uint)id < (uint)special.Length && special[id];

    /// <summary>The bytes a token stands for; none for an id that is not used (models have such rows). Not always whole characters.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => (uint)id < (uint)bytes.Length ? bytes[id] : default;

    /// <summary>The same for a token with which a text begins: SentencePiece puts a space there that is not the text's.</summary>
    internal ReadOnlySpan<byte> FirstBytes(int id) => IdToToken(id) is { } token ? spelling.FirstBytes(token) : default;

    /// <summary>Token ids of a text. A lone surrogate is read as U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer's begin and end tokens are put around it, if it has them. Chat templates write their own.</param>
    /// <param name="specialTokensAsText">
    /// Whether special tokens in the text are plain characters; for text that comes from strangers. Added tokens that are not
    /// special (Qwen's <c>&lt;think&gt;</c>) are still cut out, as in the reference.
    /// </param>
    public List<int> Encode(string text, bool addSpecialTokens = false, bool specialTokensAsText = false)
    {
        var output = new List<int>((text.Length / 3) + 4);
        output.AddRange(addSpecialTokens ? prefix : []);
        EncodeStretches(ReplaceLoneSurrogates(text), (Normalized: false, AtStart: true), specialTokensAsText, reveal: null, output);
        output.AddRange(addSpecialTokens ? suffix : []);
        return output;
    }

    /// <summary>Token ids of a text in which stand-ins keep some of it from being read as added tokens.</summary>
    /// <param name="text">With the stand-ins.</param>
    /// <param name="reveal">Gives the text back, once the added tokens have been cut out.</param>
    internal List<int> Encode(string text, Func<string, string> reveal)
    {
        var output = new List<int>((text.Length / 3) + 4);
        EncodeStretches(ReplaceLoneSurrogates(text), (Normalized: false, AtStart: true), specialTokensAsText: false, reveal, output);
        return output;
    }

    /// <summary>The text of ids; each maximal invalid sequence of bytes becomes one U+FFFD, ids that are not used nothing.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Whether special tokens are left out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = false)
    {
        var joined = new List<byte>();
        var first = true;
        foreach (var id in ids)
        {
            if (!skipSpecial || !IsSpecial(id))
            {
                joined.AddRange(first ? FirstBytes(id) : Bytes(id));
                first &= IdToToken(id) is null;
            }
        }

        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(joined));
    }

    /// <summary>Opens a decoder for ids that arrive one by one.</summary>
    /// <param name="skipSpecial">Whether special tokens are left out.</param>
    public StreamDecoder Stream(bool skipSpecial = false) => new(this, skipSpecial);

    private void Split(ReadOnlySpan<char> text, int rule, List<int> output)
    {
        if (rule == splitters.Length)
        {
            encoder.Encode(text, output);
            return;
        }

        while (!text.IsEmpty)
        {
            var end = splitters[rule].PieceEnd(text, 0);
            Split(text[..end], rule + 1, output);
            text = text[end..];
        }
    }

    /// <summary>
    /// Cuts added tokens out, first of the raw text, then of each normalised stretch between them. Stretches do not see each other:
    /// neither marks nor look-ahead nor a leading space cross an added token.
    /// </summary>
    private void EncodeStretches(
        string text, (bool Normalized, bool AtStart) stretch, bool specialTokensAsText, Func<string, string>? reveal, List<int> output)
    {
        var matcher = stretch.Normalized ? inNormalizedText : inRawText;
        var from = 0;
        while (matcher.Next(text, from, specialTokensAsText, out var start, out var end) is { } token)
        {
            Plain(from, start);
            output.Add(token.Id);
            from = end;
        }

        Plain(from, text.Length);

        void Plain(int start, int end)
        {
            if (end == start)
            {
                return;
            }

            var atStart = stretch.AtStart && start == 0;
            if (!stretch.Normalized)
            {
                EncodeStretches(Normalize(text[start..end]), (Normalized: true, atStart), specialTokensAsText, reveal, output);
                return;
            }

            var plain = text[start..end];
            plain = reveal?.Invoke(plain) ?? plain;
            Split(metaspace?.Write(plain, atStart) ?? plain, 0, output);
        }
    }

    private string Normalize(string text) => normalizers.Aggregate(text, (normalized, rule) => rule(normalized));

    private static string ReplaceLoneSurrogates(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
}
