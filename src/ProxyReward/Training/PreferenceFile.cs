using System.Text.Json;

namespace ProxyReward.Training;

/// <summary>
/// Files of preference pairs, JSONL or one JSON array, in the forms of TRL, LLaMA-Factory and OpenAI (see <see cref="PreferenceReader"/>).
/// </summary>
public static class PreferenceFile
{
    /// <summary>Reads all pairs.</summary>
    /// <exception cref="RequestException">There is no such file, it is empty, or a line is no pair; the message names file and line.</exception>
    public static IReadOnlyList<TrainingExample> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new RequestException($"{path}: there is no such file. Name a file of preference pairs, .jsonl or .json.");
        }

        var bytes = File.ReadAllBytes(path).AsMemory();
        bytes = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        var start = bytes.Span.IndexOfAnyExcept(" \t\r\n"u8);
        List<TrainingExample> examples = start >= 0 && bytes.Span[start] == '[' ? Array(path, bytes) : [.. Lines(path, bytes)];
        return examples.Count > 0 ? examples : throw new RequestException($"{path}: holds no pair. Put one pair on each line.");
    }

    private static IEnumerable<TrainingExample> Lines(string path, ReadOnlyMemory<byte> bytes)
    {
        for (var number = 1; !bytes.IsEmpty; number++)
        {
            var length = bytes.Span.IndexOf((byte)'\n');
            var line = length < 0 ? bytes : bytes[..length];
            bytes = length < 0 ? default : bytes[(length + 1)..];
            if (line.Span.IndexOfAnyExcept(" \t\r"u8) >= 0)
            {
                var place = $"{path}:{number}";
                using var json = Parse(line, e => $"{place}: this line is not JSON ({Reason(e)}). Correct it: each line is one object.");
                yield return Read(json.RootElement, place);
            }
        }
    }

    private static List<TrainingExample> Array(string path, ReadOnlyMemory<byte> bytes)
    {
        using var json = Parse(bytes, e => $"{path}:{e.LineNumber + 1}: this file is not JSON ({Reason(e)}). Correct it: it is one array of objects, or one object on each line.");
        return [.. json.RootElement.EnumerateArray().Select((item, i) => Read(item, $"{path}, item {i + 1}"))];
    }

    // Texts and keys are decoded where they are asked for.
    private static TrainingExample Read(JsonElement pair, string place)
    {
        try
        {
            return PreferenceReader.Read(pair, place);
        }
        catch (InvalidOperationException e)
        {
            throw new RequestException($"{place}: holds text that is not Unicode ({e.Message.TrimEnd('.')}). Mend it: write it anew in UTF-8.", e);
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json, Func<JsonException, string> message)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new RequestException(message(e), e);
        }
    }

    private static string Reason(JsonException e) => e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
}
