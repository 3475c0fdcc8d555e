using System.Numerics;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>The functions that every template may call.</summary>
internal static class Functions
{
    /// <summary>The name of the function that says the time.</summary>
    public const string Clock = "strftime_now";

    private const int MostRange = 100_000; // Jinja's sandbox has the same bound

    private static readonly Dictionary<string, Function> All = new (string Name, Func<Arguments, Value> Invoke)[]
    {
        ("range", Range),
        ("dict", Dict),
        ("namespace", arguments => new Namespace(Dict(arguments).Entries.ToDictionary(entry => entry.Key.ToString(), entry => entry.Value))),
        ("raise_exception", arguments => throw new TemplateException(arguments.Rendering.Print(arguments.Bind("message")[0] ?? Text.Empty)) { Raised = true }),
        ("joiner", Joiner),
        ("cycler", Cycler),
    }.ToDictionary(entry => entry.Name, entry => new Function(entry.Name, entry.Invoke));

    private static readonly Function StrftimeNow = new(
        Clock,
        arguments => new Text(Strftime.Format(arguments.Rendering.Now!.Value, arguments.TextOf(arguments.Bind("format")[0]))));

    /// <summary>The function of a name, or null. Without a clock there is no <c>strftime_now</c>, for which templates have a fallback.</summary>
    public static Value? Global(string name, Rendering rendering) =>
        name == Clock ? rendering.Now is null ? null : StrftimeNow : All.GetValueOrDefault(name);

    private static Sequence Range(Arguments arguments)
    {
        var bounds = arguments.Bind("start", "stop", "step");
        var (start, stop) = bounds[1] is null ? (0, arguments.CountOf(bounds[0], 0)) : (arguments.CountOf(bounds[0], 0), arguments.CountOf(bounds[1], 0));
        var step = arguments.CountOf(bounds[2], 1);
        if (step == 0)
        {
            throw new TemplateException("range() wants a step other than zero");
        }

        var count = Math.Max(0, (((long)stop - start) + (step > 0 ? step - 1L : step + 1L)) / step);
        return count <= MostRange
            ? new Sequence([.. Enumerable.Range(0, (int)count).Select(i => new Integer(start + ((BigInteger)step * i)))])
            : throw new TemplateException($"range() is bounded to {MostRange} numbers");
    }

    private static Mapping Dict(Arguments arguments)
    {
        var entries = new OrderedDictionary<Value, Value>();
        foreach (var given in arguments.Positional)
        {
            foreach (var (key, value) in (given as Mapping ?? throw new TemplateException($"{arguments.Callee}() wants dictionaries and names")).Entries)
            {
                entries[key] = value;
            }
        }

        foreach (var (name, value) in arguments.Named)
        {
            entries[new Text(name)] = value;
        }

        return new Mapping(entries);
    }

    /// <summary>Nothing at the first call, the separator at every other.</summary>
    private static Function Joiner(Arguments arguments)
    {
        var separator = arguments.Bind("sep")[0] ?? new Text(", ");
        var used = false;
        return new Function("joiner", _ =>
        {
            var first = !used;
            used = true;
            return first ? Text.Empty : separator;
        });
    }

    private static Namespace Cycler(Arguments arguments)
    {
        var items = arguments.Positional is [] ? throw new TemplateException("cycler() wants values") : arguments.Positional;
        var at = 0;
        return new Namespace(new Dictionary<string, Value>
        {
            ["next"] = new Function("next", _ => items[at++ % items.Count]),
            ["reset"] = new Function("reset", _ =>
            {
                at = 0;
                return None.Value;
            }),
        });
    }
}
