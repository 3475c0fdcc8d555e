using System.Text.Json;
using System.Text.Json.Nodes;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace ProxyReward.Clients.Import;

/// <summary>
/// The rows of a folder written by Hugging Face's <c>save_to_disk</c>: <c>state.json</c> lists Arrow streams; <c>dataset_dict.json</c> lists
/// splits, each such a folder.
/// </summary>
internal static class ArrowFolder
{
    public static IEnumerable<(string Place, JsonObject Row)> Read(string folder)
    {
        var splits = Path.Combine(folder, "dataset_dict.json");
        if (File.Exists(splits))
        {
            return Names(splits, json => json.GetProperty("splits").EnumerateArray().Select(name => name.GetString()!))
                .SelectMany(split => Read(Path.Combine(folder, split)));
        }

        var state = Path.Combine(folder, "state.json");
        return File.Exists(state)
            ? Names(state, json => json.GetProperty("_data_files").EnumerateArray().Select(file => file.GetProperty("filename").GetString()!))
                .SelectMany(name => Rows(Path.Combine(folder, name)))
            : throw new RequestException($"{folder}: has neither state.json nor dataset_dict.json; give a folder made by save_to_disk.");
    }

    private static List<string> Names(string path, Func<JsonElement, IEnumerable<string>> read)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var names = read(json.RootElement).ToList();

            // The list comes with somebody's data: it must not lead out of the folder.
            return names.TrueForAll(name => name.Length > 0 && Path.GetFileName(name) == name && name is not ("." or ".."))
                ? names
                : throw new RequestException($"{path}: a name in it leads out of the folder.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new RequestException($"{path}: has not the form that save_to_disk writes ({e.Message}).", e);
        }
    }

    private static IEnumerable<(string Place, JsonObject Row)> Rows(string path)
    {
        if (!File.Exists(path))
        {
            throw new RequestException($"{path}: is listed in state.json and not there; copy the folder again.");
        }

        using var file = File.OpenRead(path);
        using var reader = Guarded(path, () => new ArrowStreamReader(file));
        var number = 0;
        while (Guarded(path, reader.ReadNextRecordBatch) is { } batch)
        {
            using (batch)
            {
                for (var i = 0; i < batch.Length; i++)
                {
                    number++;
                    var fields = batch.Schema.FieldsList.Select(
                        (field, column) => KeyValuePair.Create(field.Name, ArrowValue.At(batch.Column(column), i)));
                    yield return ($"{path}, row {number}", Guarded(path, () => new JsonObject(fields)));
                }
            }
        }
    }

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not RequestException)
        {
            // The library reports damage with whatever exception the damage leads to.
            throw new RequestException($"{path}: cannot be read as an Arrow stream ({e.Message}).", e);
        }
    }
}
