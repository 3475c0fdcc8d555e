using System.Text.Json;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c>. Vocabulary and merges, nearly all of the file, are read as a stream; whatever would
/// change the ids and is not understood is refused by name.
/// </summary>
internal static class TokenizerJson
{
    // truncation and padding are known and not followed: transformers, which is the reference, sets both anew at every call.
    private static readonly string[] Keys =
        ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"];

    private static readonly string[] ModelKeys =
    [
        "type", "dropout", "unk_token", "unk_id", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges",
    ];

    public static Tokenizer Load(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, "tokenizer.json") : path;
        byte[] json;
        try
        {
            json = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{file}: the tokenizer cannot be read ({e.Message}). A checkpoint needs its tokenizer.json.", e);
        }

        return Parse(json, file);
    }

    public static Tokenizer Parse(ReadOnlySpan<byte> json, string source)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            return new Tokenizer(Read(ref reader, source));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // The latter two are the reader's words for a value of another kind and for text that is not Unicode.
            throw TokenizerFile.Broken(source, $"near byte {reader.TokenStartIndex}: {e.Message}");
        }
    }

    private static TokenizerParts Read(ref Utf8JsonReader reader, string source)
    {
        var sections = Keys.ToDictionary(key => key, key => new JsonSection(default, key, source));
        var settings = ModelKeys.ToDictionary(key => key, key => new JsonSection(default, "model." + key, source));
        var tables = new ModelTables(source);
        reader.Read();
        RequireObject(reader);
        while (NextKey(ref reader) is { } key)
        {
            if (key == "model")
            {
                ReadModel(ref reader, settings, tables, source);
            }
            else
            {
                ReadSection(ref reader, sections, key, source);
            }
        }

        reader.Read(); // anything behind the closing brace is the reader's error
        if (tables.Vocabulary.Count == 0)
        {
            throw TokenizerFile.Broken(source, tables.Entries is null ? "there is no model.vocab" : "model.vocab is empty; of a BPE model an object is wanted");
        }

        return TokenizerJsonRules.Assemble(sections, settings, tables, source);
    }

    private static void ReadModel(ref Utf8JsonReader reader, Dictionary<string, JsonSection> settings, ModelTables tables, string source)
    {
        RequireObject(reader);
        var mergesAt = default(Utf8JsonReader);
        while (NextKey(ref reader) is { } key)
        {
            switch (key)
            {
                case "vocab" when reader.TokenType == JsonTokenType.StartArray:
                    ReadEntries(ref reader, tables.Entries = []);
                    break;
                case "vocab":
                    ReadVocabulary(ref reader, tables.Vocabulary, source);
                    break;
                case "merges":
                    mergesAt = reader; // come back when the vocabulary is known
                    reader.Skip();
                    break;
                default:
                    ReadSection(ref reader, settings, key, source);
                    break;
            }
        }

        if (tables.Entries is { } entries)
        {
            tables.Number(entries);
        }
        else if (mergesAt.TokenType != JsonTokenType.StartArray)
        {
            throw TokenizerFile.Broken(source, "there is no array model.merges");
        }
        else
        {
            ReadMerges(ref mergesAt, tables.Merges);
        }
    }

    private static void ReadMerges(ref Utf8JsonReader mergesAt, MergeTable merges)
    {
        // Either "left right", or since 2024 ["left", "right"].
        while (mergesAt.Read() && mergesAt.TokenType != JsonTokenType.EndArray)
        {
            if (mergesAt.TokenType != JsonTokenType.StartArray)
            {
                merges.Add(mergesAt.GetString());
                continue;
            }

            mergesAt.Read();
            var left = mergesAt.GetString();
            mergesAt.Read();
            var right = mergesAt.GetString();
            mergesAt.Read();
            if (mergesAt.TokenType != JsonTokenType.EndArray)
            {
                throw new JsonException($"the merge that begins with '{left}' and '{right}' has more than two tokens");
            }

            merges.Add(left, right);
        }
    }

    private static void ReadVocabulary(ref Utf8JsonReader reader, Dictionary<string, int> vocabulary, string source)
    {
        RequireObject(reader);
        while (NextKey(ref reader) is { } token)
        {
            if (!vocabulary.TryAdd(token, reader.GetInt32()))
            {
                throw TokenizerFile.Broken(source, $"model.vocab has the token '{token}' twice");
            }
        }
    }

    /// <summary>Unigram's vocabulary: pairs of a text and its score, by id.</summary>
    private static void ReadEntries(ref Utf8JsonReader reader, List<(string Text, double Score)> entries)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException($"entry {entries.Count} of model.vocab must be a text and its score, not {reader.TokenType}");
            }

            reader.Read();
            var text = reader.GetString() ?? throw new JsonException($"entry {entries.Count} of model.vocab has no text");
            reader.Read();
            entries.Add((text, reader.GetDouble()));
            reader.Read();
            if (reader.TokenType != JsonTokenType.EndArray)
            {
                throw new JsonException($"entry {entries.Count - 1} of model.vocab ('{text}') has more than a text and its score");
            }
        }
    }

    private static void ReadSection(ref Utf8JsonReader reader, Dictionary<string, JsonSection> sections, string key, string source)
    {
        if (!sections.TryGetValue(key, out var section))
        {
            throw TokenizerFile.Unsupported(source, $"the key '{key}'");
        }

        sections[key] = section with { Element = JsonElement.ParseValue(ref reader) };
    }

    private static void RequireObject(in Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"an object is wanted, not {reader.TokenType}");
        }
    }

    /// <summary>The next key of the object that the reader is inside of, with the reader on its value; null at the end.</summary>
    private static string? NextKey(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        var key = reader.GetString();
        reader.Read();
        return key;
    }
}
