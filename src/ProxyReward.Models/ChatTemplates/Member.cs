using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>A method: what it is called on and with.</summary>
internal delegate Value Method<in T>(T self, Arguments arguments)
    where T : Value;

/// <summary>The methods of values. There are no others, and none changes a value: a template has nothing else to reach for.</summary>
internal static class Member
{
    private static readonly Dictionary<string, Method<Mapping>> OfMappings = new()
    {
        ["items"] = (self, _) => Pairs(self),
        ["keys"] = (self, _) => new Sequence([.. self.Entries.Keys]),
        ["values"] = (self, _) => new Sequence([.. self.Entries.Values]),
        ["copy"] = (self, _) => self,
        ["get"] = (self, arguments) =>
        {
            var bound = arguments.Bind("key", "default");
            return (bound[0] is { } key ? self.Item(key) : throw new TemplateException("get() wants a key")) ?? bound[1] ?? None.Value;
        },
    };

    private static readonly Dictionary<string, Method<Sequence>> OfSequences = new()
    {
        ["copy"] = (self, _) => self,
        ["count"] = (self, arguments) => new Integer(self.List.Count(item => item.Equals(arguments.Bind("value")[0]))),
        ["index"] = (self, arguments) => self.List.ToList().FindIndex(item => item.Equals(arguments.Bind("value")[0])) is >= 0 and var index
            ? new Integer(index)
            : throw new TemplateException("the value is not in the list"),
    };

    // Named because a template that calls them has to be told, rather than that they are undefined.
    private static readonly HashSet<string> Changing =
        ["append", "extend", "insert", "remove", "sort", "reverse", "clear", "pop", "popitem", "setdefault", "update"];

    /// <summary>A method of a value, bound to it; null where it has none of this name.</summary>
    public static Value? Method(Value value, string name) => value switch
    {
        Text text => Bind(text, name, StringMethods.Find(name)),
        Mapping mapping => Bind(mapping, name, OfMappings.GetValueOrDefault(name)) ?? Refuse(value, name),
        Sequence list => Bind(list, name, OfSequences.GetValueOrDefault(name)) ?? Refuse(value, name),
        _ => null,
    };

    /// <summary>Key and value of every entry.</summary>
    public static Sequence Pairs(Mapping mapping) =>
        new([.. mapping.Entries.Select(entry => new Sequence([entry.Key, entry.Value], isTuple: true))]);

    /// <summary>What asking for a member that is not there gives: undefined, but an error where the owner is undefined itself.</summary>
    public static Undefined Missing(Value owner, string what) => owner is Undefined undefined
        ? throw undefined.Error()
        : new Undefined($"'{owner.TypeName} object' has no {what}");

    private static Function? Bind<T>(T self, string name, Method<T>? method)
        where T : Value => method is null ? null : new Function(name, arguments =>
        {
            _ = arguments.Rendering.Made(self);
            return method(self, arguments);
        });

    private static Function? Refuse(Value value, string name) => !Changing.Contains(name) || value.Item(new Text(name)) is not null
        ? null
        : new Function(name, _ => throw new TemplateException($"templates may not change values: '{name}' of '{value.TypeName}' object is refused"));
}
