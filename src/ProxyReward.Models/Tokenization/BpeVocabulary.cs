using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProxyReward.Models.Tokenization;

/// <summary>A byte-level BPE vocabulary as <see cref="BpeTrainer"/> learns it.</summary>
/// <param name="SpecialTokens">The first ids.</param>
/// <param name="Tokens">All tokens by id, in GPT-2's byte alphabet ("Ġthe") but for the special ones.</param>
/// <param name="Merges">Pairs of tokens, the first merged first.</param>
public sealed record BpeVocabulary(
    IReadOnlyList<string> SpecialTokens, IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges)
{
    /// <summary>Writes <c>tokenizer.json</c> into a folder, for Hugging Face and for <see cref="Tokenizer.Load"/>.</summary>
    public void Save(string folder) => File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), ToJson());

    /// <summary>The content of <c>tokenizer.json</c>: splitting by GPT-2's rule, no normaliser, nothing put around a text.</summary>
    public byte[] ToJson()
    {
        object byteLevel = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true };
        return JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                version = "1.0",
                truncation = (object?)null,
                padding = (object?)null,
                added_tokens = SpecialTokens.Select((content, id) => new
                {
                    id,
                    content,
                    single_word = false,
                    lstrip = false,
                    rstrip = false,
                    normalized = false,
                    special = true,
                }),
                normalizer = (object?)null,
                pre_tokenizer = byteLevel,
                post_processor = (object?)null,
                decoder = byteLevel,
                model = new
                {
                    type = "BPE",
                    dropout = (object?)null,
                    unk_token = (object?)null,
                    continuing_subword_prefix = (object?)null,
                    end_of_word_suffix = (object?)null,
                    fuse_unk = false,
                    byte_fallback = false,
                    ignore_merges = false,
                    vocab = new OrderedDictionary<string, int>(Tokens.Select((token, id) => KeyValuePair.Create(token, id))),
                    merges = Merges.Select(merge => $"{merge.Left} {merge.Right}"),
                },
            },
            Format);
    }

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
