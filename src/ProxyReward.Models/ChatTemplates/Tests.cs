using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>What stands behind <c>is</c>.</summary>
internal delegate bool Test(Value input, Arguments arguments);

/// <summary>Jinja's tests.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Test> All = new()
    {
        ["defined"] = (value, _) => value is not Undefined,
        ["undefined"] = (value, _) => value is Undefined,
        ["none"] = (value, _) => value is None,
        ["true"] = (value, _) => ReferenceEquals(value, Values.Boolean.True),
        ["false"] = (value, _) => ReferenceEquals(value, Values.Boolean.False),
        ["boolean"] = (value, _) => value is Values.Boolean,
        ["integer"] = (value, _) => value is Integer,
        ["float"] = (value, _) => value is Real,
        ["number"] = (value, _) => value is Integer or Real or Values.Boolean,
        ["string"] = (value, _) => value is Text,
        ["mapping"] = (value, _) => value is Mapping,
        ["sequence"] = (value, _) => value is Text or Sequence or Mapping or Undefined,
        ["iterable"] = (value, _) => value.IsIterable,
        ["callable"] = (value, _) => value is Function or Loop,
        ["even"] = (value, arguments) => !Remainder(value, new Integer(2), arguments).IsTrue,
        ["odd"] = (value, arguments) => Remainder(value, new Integer(2), arguments).Equals(new Integer(1)),
        ["divisibleby"] = (value, arguments) => !Remainder(value, One(arguments), arguments).IsTrue,
        ["upper"] = (value, _) => value.ToString() is var text && text == CaseMapping.Upper(text) && text != CaseMapping.Lower(text),
        ["lower"] = (value, _) => value.ToString() is var text && text == CaseMapping.Lower(text) && text != CaseMapping.Upper(text),
        ["sameas"] = (value, arguments) => value.GetType() == One(arguments).GetType() && value.Equals(One(arguments)),
        ["in"] = (value, arguments) => Operators.Compare("in", value, One(arguments), arguments.Rendering),
        ["filter"] = (value, _) => Filters.Find(value.ToString()) is not null,
        ["test"] = (value, _) => Find(value.ToString()) is not null,
        ["escaped"] = (_, _) => false,
        ["=="] = Comparing("=="),
        ["eq"] = Comparing("=="),
        ["equalto"] = Comparing("=="),
        ["!="] = Comparing("!="),
        ["ne"] = Comparing("!="),
        ["<"] = Comparing("<"),
        ["lt"] = Comparing("<"),
        ["lessthan"] = Comparing("<"),
        ["<="] = Comparing("<="),
        ["le"] = Comparing("<="),
        [">"] = Comparing(">"),
        ["gt"] = Comparing(">"),
        ["greaterthan"] = Comparing(">"),
        [">="] = Comparing(">="),
        ["ge"] = Comparing(">="),
    };

    public static Test? Find(string name) => All.GetValueOrDefault(name);

    private static Test Comparing(string symbol) => (value, arguments) => Operators.Compare(symbol, value, One(arguments), arguments.Rendering);

    private static Value Remainder(Value value, Value divisor, Arguments arguments) => Operators.Apply("%", value, divisor, arguments.Rendering);

    private static Value One(Arguments arguments) => arguments.Bind("other")[0] ?? throw new TemplateException($"{arguments.Callee} wants an argument");
}
