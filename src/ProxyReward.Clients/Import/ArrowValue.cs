using System.Text.Json.Nodes;
using Apache.Arrow;

namespace ProxyReward.Clients.Import;

/// <summary>One value of an Arrow column as JSON.</summary>
internal static class ArrowValue
{
    /// <exception cref="RequestException">The column's type is none that question sets use.</exception>
    public static JsonNode? At(IArrowArray column, int i) => column.IsNull(i) ? null : column switch
    {
        StringArray text => text.GetString(i),
        LargeStringArray text => text.GetString(i),
        BooleanArray truth => truth.GetValue(i),
        Int8Array number => number.GetValue(i),
        Int16Array number => number.GetValue(i),
        Int32Array number => number.GetValue(i),
        Int64Array number => number.GetValue(i),
        UInt8Array number => number.GetValue(i),
        UInt16Array number => number.GetValue(i),
        UInt32Array number => number.GetValue(i),
        UInt64Array number => number.GetValue(i),
        FloatArray number => number.GetValue(i),
        DoubleArray number => number.GetValue(i),
        ListArray list => Items(list.Values, list.ValueOffsets[i], list.ValueOffsets[i + 1]),
        LargeListArray list => Items(list.Values, checked((int)list.ValueOffsets[i]), checked((int)list.ValueOffsets[i + 1])),
        StructArray fields => new JsonObject(((Apache.Arrow.Types.StructType)fields.Data.DataType).Fields
            .Select((field, f) => KeyValuePair.Create(field.Name, At(fields.Fields[f], i)))),
        DictionaryArray coded => At(coded.Dictionary, int.Parse(At(coded.Indices, i)!.ToJsonString())),
        _ => throw new RequestException($"a column of type {column.Data.DataType.Name} is not understood; drop it before save_to_disk."),
    };

    private static JsonArray Items(IArrowArray values, int from, int to) =>
        new([.. Enumerable.Range(from, to - from).Select(i => At(values, i))]);
}
