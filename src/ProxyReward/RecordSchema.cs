using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;

namespace ProxyReward;

/// <summary>JSON schemas made from records, for editors and other programs.</summary>
public static class RecordSchema
{
    /// <summary>
    /// The schema of a record as the project writes it. Keys that are not declared are refused where <paramref name="closed"/>;
    /// descriptions and ranges come from the record's attributes.
    /// </summary>
    public static string Of<T>(string title, bool closed)
    {
        var options = new JsonSerializerOptions(Json.Indented);
        options.Converters.Clear();
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        var schema = (JsonObject)options.GetJsonSchemaAsNode(typeof(T), new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Describe(context.PropertyInfo?.AttributeProvider, OfType(context.TypeInfo.Type, node), closed),
        });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", title);
        return schema.ToJsonString(Json.Indented) + "\n";
    }

    // What the exporter does not know: a free value is a scalar, and a day without a time is a time, too.
    private static JsonNode OfType(Type type, JsonNode node)
    {
        if (type == typeof(IReadOnlyDictionary<string, JsonElement>))
        {
            ((JsonObject)node)["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") };
        }

        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTime))
        {
            ((JsonObject)node).Remove("format");
        }

        return node;
    }

    private static JsonNode Describe(ICustomAttributeProvider? property, JsonNode node, bool closed)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        if (property?.GetCustomAttributes(typeof(DescriptionAttribute), true) is [DescriptionAttribute description])
        {
            schema.Insert(0, "description", description.Description);
        }

        if (property?.GetCustomAttributes(typeof(RangeAttribute), true) is [RangeAttribute range])
        {
            schema["minimum"] = JsonValue.Create(Convert.ToDouble(range.Minimum));
            schema["maximum"] = JsonValue.Create(Convert.ToDouble(range.Maximum));
        }

        if (closed && schema.ContainsKey("properties"))
        {
            schema["additionalProperties"] = false;
        }

        return schema;
    }
}
