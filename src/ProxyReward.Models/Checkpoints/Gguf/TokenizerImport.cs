using System.Text.Json.Nodes;
using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>The tokenizer of a Hugging Face folder as a GGUF carries it.</summary>
internal static class TokenizerImport
{
    private const int Normal = 1, Control = 3, UserDefined = 4, Unused = 5;

    /// <summary>Reads <c>tokenizer.json</c> (byte-level BPE), <c>tokenizer_config.json</c> and the chat template.</summary>
    /// <param name="config">Rows of the embedding beyond the tokens get names of their own, as llama.cpp's converter gives them.</param>
    public static GgufTokenizer Read(string folder, ModelConfig config)
    {
        var path = Path.Combine(folder, TokenizerFiles.Tokenizer);
        var tokenizer = Tokenizer.Load(path); // refuses what is not byte-level BPE, and checks ids and merges
        if (tokenizer.VocabSize > config.VocabSize)
        {
            throw new RequestException($"{path}: has {tokenizer.VocabSize} tokens, the model only {config.VocabSize}; the two are not of one checkpoint.");
        }

        using var document = JsonFile.ReadObject(path, TokenizerFiles.MaxBytes);
        var json = JsonObject.Create(document.RootElement)!;
        var pre = PreTokenizers.NameOf(json["pre_tokenizer"]);
        if (pre is null || GgufTokenizer.IgnoresMergesUnder(pre) != (json["model"]!["ignore_merges"]?.GetValue<bool>() ?? false))
        {
            throw new RequestException($"{path}: llama.cpp has no name for this pre_tokenizer with this ignore_merges, so the model cannot be written as GGUF.");
        }

        if (tokenizer.AddedTokens.FirstOrDefault(token => token.LStrip || token.RStrip || token.SingleWord) is { } flagged)
        {
            throw new RequestException($"{path}: token '{flagged.Content}' has lstrip, rstrip or single_word, which llama.cpp does not know, so the model cannot be written as GGUF.");
        }

        var settings = TokenizerFiles.ReadSettings(folder);
        var special = tokenizer.AddedTokens.ToDictionary(token => token.Id, token => token.Special ? Control : UserDefined);
        var eos = settings.Eos is { } text && tokenizer.TokenToId(text) is { } id ? id : config.EosTokenIds.Select(end => (int?)end).FirstOrDefault();
        var ends = config.EosTokenIds.Where(end => end != eos).Distinct().Select(end => (int?)end).ToList();
        if (ends.Count > 2)
        {
            throw new RequestException($"{folder}: {ends.Count + 1} tokens end its texts ({eos}, {string.Join(", ", ends)}), and a GGUF has room for three; leave some out of eos_token_id.");
        }

        var around = tokenizer.Encode("", addSpecialTokens: true);
        return new GgufTokenizer
        {
            Source = path,
            Model = "gpt2",
            Pre = pre,
            Tokens = [.. Enumerable.Range(0, config.VocabSize).Select(id => tokenizer.IdToToken(id) ?? $"[PAD{id}]")],
            TokenTypes = [.. Enumerable.Range(0, config.VocabSize).Select(id =>
                special.GetValueOrDefault(id, tokenizer.IdToToken(id) is null ? Unused : Normal))],
            Merges = [.. json["model"]!["merges"]!.AsArray().Select(merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : merge!.ToString())],
            BosTokenId = config.BosTokenId,
            EosTokenId = eos,
            EotTokenId = ends.ElementAtOrDefault(0),
            EomTokenId = ends.ElementAtOrDefault(1), // Llama 3's is the last that its configuration names
            UnknownTokenId = settings.Unknown is { } unknown ? tokenizer.TokenToId(unknown) : null,
            PaddingTokenId = config.PadTokenId ?? (settings.Padding is { } padding ? tokenizer.TokenToId(padding) : null),
            AddBosToken = around.Count > 0 && around[0] == config.BosTokenId,
            AddEosToken = around.Count > 0 && around[^1] == eos,
            AddSpacePrefix = false,
            ChatTemplate = settings.ChatTemplate,
        };
    }
}
