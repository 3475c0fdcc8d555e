using System.Text.Json;

namespace ProxyReward.Runs;

/// <summary>JSON files of a run that are written whole and that people read.</summary>
public static class JsonFile
{
    /// <summary>Writes a file whole, unless it says the same already.</summary>
    public static void Write(IRunStore store, string name, object value)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Json.Indented), (byte)'\n'];
        if (!store.Exists(name) || !store.Read(name).AsSpan().SequenceEqual(bytes))
        {
            store.Write(name, bytes);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="store">The run.</param>
    /// <param name="name">The file.</param>
    /// <param name="mend">What to do where it is damaged.</param>
    /// <exception cref="RequestException">It is absent or damaged.</exception>
    public static T Read<T>(IRunStore store, string name, string mend = "Delete it and run again: only what is missing is done again.")
    {
        if (!store.Exists(name))
        {
            throw new RequestException($"{store.PathOf(name)}: there is no such file. Run the recipe again: what is missing is done again.");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(store.Read(name), Json.Indented) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new RequestException(
                $"{store.PathOf(name)}:{e.LineNumber + 1}: this file is damaged ({Json.Fault(e)}). {mend}", e);
        }
    }
}
