using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Questions;

namespace ProxyReward.Clients.Import;

/// <summary>Reads question sets that others made: JSONL, Parquet, and the folder that Hugging Face's <c>save_to_disk</c> writes.</summary>
public static class QuestionImport
{
    /// <summary>
    /// Reads a set. Questions without proxies (ProxyQA keeps its own hidden) come with none; have them written
    /// (<see cref="Writing.QuestionWriter.CompleteAsync"/>) before the set is saved.
    /// </summary>
    /// <param name="path">A .jsonl or .parquet file, or a folder.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="RequestException">It is none of these, is damaged, or a row lacks what is needed; the message names the row.</exception>
    public static async Task<IReadOnlyList<MetaQuestion>> LoadAsync(string path, CancellationToken cancellationToken)
    {
        var rows = Directory.Exists(path) ? ArrowFolder.Read(path)
            : !File.Exists(path) ? throw new RequestException($"{path}: there is no such file or folder.")
            : Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".JSONL" or ".NDJSON" => JsonLines(path),
                ".PARQUET" => await ParquetRows.ReadAsync(path, cancellationToken),
                var other => throw new RequestException(
                    $"{path}: '{other}' is not understood; give .jsonl, .parquet, or a folder made by save_to_disk."),
            };
        var questions = new List<MetaQuestion>();
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (place, row) in rows)
        {
            var question = ImportedQuestion.Of(row, questions.Count + 1, place);
            if (!ids.TryAdd(question.Id, place))
            {
                throw new RequestException(
                    $"{place}: the id '{question.Id}' was used before, at {ids[question.Id]}; rename one, or import the splits one by one.");
            }

            questions.Add(question);
        }

        return questions.Count > 0 ? questions : throw new RequestException($"{path}: holds no rows.");
    }

    private static IEnumerable<(string Place, JsonObject Row)> JsonLines(string path)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return ($"{path}:{number}", Parse(line, $"{path}:{number}"));
            }
        }
    }

    private static JsonObject Parse(string line, string place)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject ?? throw new RequestException($"{place}: the line is no JSON object.");
        }
        catch (JsonException e)
        {
            throw new RequestException($"{place}: the line is no JSON ({Json.Fault(e)}).", e);
        }
    }
}
