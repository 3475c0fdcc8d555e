using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>Jinja's filters for lists. They give lists where Jinja gives generators.</summary>
internal static class ListFilters
{
    private static readonly Dictionary<string, Filter> All = new()
    {
        ["list"] = (input, _) => new Sequence([.. input.Items]),
        ["first"] = (input, _) => input.Items.FirstOrDefault() ?? new Undefined("no first item, the sequence is empty"),
        ["last"] = (input, _) => input.Items.LastOrDefault() ?? new Undefined("no last item, the sequence is empty"),
        ["reverse"] = (input, _) => input is Text ? new Text(string.Concat(input.Items.Reverse())) : new Sequence([.. input.Items.Reverse()]),
        ["join"] = Join,
        ["map"] = Map,
        ["select"] = (input, arguments) => Select(input, arguments, byAttribute: false, wanted: true),
        ["reject"] = (input, arguments) => Select(input, arguments, byAttribute: false, wanted: false),
        ["selectattr"] = (input, arguments) => Select(input, arguments, byAttribute: true, wanted: true),
        ["rejectattr"] = (input, arguments) => Select(input, arguments, byAttribute: true, wanted: false),
        ["sort"] = Sort,
        ["dictsort"] = DictSort,
        ["unique"] = Unique,
        ["groupby"] = GroupBy,
        ["sum"] = (input, arguments) =>
        {
            var bound = arguments.Bind("attribute", "start");
            return input.Items.Select(Key(bound[0])).Aggregate(bound[1] ?? new Integer(0), (sum, item) => arguments.Rendering.Made(Operators.Apply("+", sum, item, arguments.Rendering)));
        },
        ["min"] = (input, arguments) => Extreme(input, arguments, sign: -1),
        ["max"] = (input, arguments) => Extreme(input, arguments, sign: +1),
        ["batch"] = Batch,
        ["slice"] = Slices,
    };

    public static Filter? Find(string name) => All.GetValueOrDefault(name);

    private static Text Join(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("d", "attribute");
        var separator = bound[0] is null ? "" : arguments.Rendering.Print(bound[0]!);
        return StringMethods.Join(separator, input.Items.Select(Key(bound[1])).Select(arguments.Rendering.Print), arguments.Rendering);
    }

    private static Sequence Map(Value input, Arguments arguments)
    {
        if (arguments.Named.TryGetValue("attribute", out var attribute))
        {
            var absent = arguments.Named.GetValueOrDefault("default");
            return new Sequence([.. Elements(input).Select(Key(attribute)).Select(value => value is Undefined && absent is not null ? absent : value)]);
        }

        if (arguments.Positional is not [Text name, ..] || Filters.Find(name.Value) is not { } filter)
        {
            throw new TemplateException("map wants the name of a filter, or attribute=");
        }

        var inner = arguments with { Callee = $"the filter '{name.Value}'", Positional = [.. arguments.Positional.Skip(1)] };
        return new Sequence([.. Elements(input).Select(item => arguments.Rendering.Made(filter(item, inner)))]);
    }

    private static Sequence Select(Value input, Arguments arguments, bool byAttribute, bool wanted)
    {
        var given = arguments.Positional;
        var key = Key(byAttribute ? given is [var attribute, ..] ? attribute : throw new TemplateException($"{arguments.Callee} wants an attribute") : null);
        given = [.. given.Skip(byAttribute ? 1 : 0)];
        Test test = (value, _) => value.IsTrue;
        if (given is [var name, ..])
        {
            test = Tests.Find(arguments.TextOf(name)) ?? throw new TemplateException($"there is no test '{name}'");
        }

        var inner = arguments with { Positional = [.. given.Skip(1)] };
        return new Sequence([.. Elements(input).Where(item => test(key(item), inner) == wanted)]);
    }

    private static Sequence Sort(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("reverse", "case_sensitive", "attribute");
        var key = Key(bound[2], foldCase: !(bound[1]?.IsTrue ?? false));
        return Sorted(input.Items, key, bound[0]?.IsTrue ?? false, arguments);
    }

    private static Sequence DictSort(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("case_sensitive", "by", "reverse");
        var pairs = Member.Pairs(input as Mapping ?? throw new TemplateException("dictsort wants a mapping"));
        var by = bound[1] is null ? "key" : arguments.TextOf(bound[1]);
        var key = Key(new Integer(by == "value" ? 1 : 0), foldCase: !(bound[0]?.IsTrue ?? false));
        return Sorted(pairs.List, key, bound[2]?.IsTrue ?? false, arguments);
    }

    private static Sequence Sorted(IEnumerable<Value> items, Func<Value, Value> key, bool reverse, Arguments arguments)
    {
        var order = Comparer<Value>.Create((left, right) =>
        {
            arguments.Rendering.Charge(Math.Min(left.Weight, right.Weight));
            return Operators.Order(left, right);
        });
        return new Sequence([.. reverse ? items.OrderByDescending(key, order) : items.OrderBy(key, order)]);
    }

    private static Sequence Unique(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("case_sensitive", "attribute");
        return new Sequence([.. input.Items.DistinctBy(Key(bound[1], foldCase: !(bound[0]?.IsTrue ?? false)))]);
    }

    private static Sequence GroupBy(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("attribute", "default", "case_sensitive");
        var plain = Key(bound[0] ?? throw new TemplateException("groupby wants an attribute"));
        var key = (Value item) => plain(item) is var value && value is Undefined ? bound[1] ?? value : value;
        var fold = Folding(!(bound[2]?.IsTrue ?? false));
        var groups = Sorted(input.Items, item => fold(key(item)), reverse: false, arguments).List.GroupBy(item => fold(key(item)));
        return new Sequence([.. groups.Select(group => new Sequence([key(group.First()), new Sequence([.. group])], isTuple: true))]);
    }

    private static Value Extreme(Value input, Arguments arguments, int sign)
    {
        var bound = arguments.Bind("case_sensitive", "attribute");
        var key = Key(bound[1], foldCase: !(bound[0]?.IsTrue ?? false));
        Value? best = null;
        foreach (var item in input.Items)
        {
            best = best is null || Operators.Order(key(item), key(best)) * sign > 0 ? item : best;
        }

        return best ?? new Undefined("the sequence is empty");
    }

    private static Sequence Batch(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("linecount", "fill_with");
        var size = Positive(arguments.CountOf(bound[0], 0));
        var batches = input.Items.Chunk(size).Select(batch => batch.ToList()).ToList();
        if (bound[1] is { } fill && batches is [.., var last])
        {
            arguments.Rendering.Charge(size);
            last.AddRange(Enumerable.Repeat(fill, size - last.Count));
        }

        return new Sequence([.. batches.Select(batch => new Sequence(batch))]);
    }

    private static Sequence Slices(Value input, Arguments arguments)
    {
        var bound = arguments.Bind("slices", "fill_with");
        var count = Positive(arguments.CountOf(bound[0], 0));
        arguments.Rendering.Charge(count);
        var items = input.Items.ToList();
        var (each, longer) = Math.DivRem(items.Count, count);
        var slices = new List<Value>();
        for (int i = 0, from = 0; i < count; i++)
        {
            var take = each + (i < longer ? 1 : 0);
            var slice = items.GetRange(from, take);
            from += take;
            slices.Add(new Sequence(bound[1] is { } fill && longer > 0 && i >= longer ? [.. slice, fill] : slice));
        }

        return new Sequence(slices);
    }

    /// <summary>map, select and their like take whatever is false for an empty list.</summary>
    private static IEnumerable<Value> Elements(Value input) => input.IsTrue ? input.Items : [];

    private static int Positive(int count) => count > 0 ? count : throw new TemplateException("the number must be positive");

    /// <summary>What an item is judged by: itself, or what lies at an attribute ("a.b.0").</summary>
    private static Func<Value, Value> Key(Value? attribute, bool foldCase = false)
    {
        var fold = Folding(foldCase);
        if (attribute is null or None)
        {
            return fold;
        }

        Value[] path = attribute is Text text
            ? [.. text.Value.Split('.').Select(part => int.TryParse(part, out var index) ? (Value)new Integer(index) : new Text(part))]
            : [attribute];
        return item => fold(path.Aggregate(item, (owner, part) => owner.Item(part) ?? Member.Missing(owner, $"attribute '{part}'")));
    }

    private static Func<Value, Value> Folding(bool foldCase) =>
        foldCase ? value => value is Text text ? new Text(CaseMapping.Lower(text.Value)) : value : value => value;
}
