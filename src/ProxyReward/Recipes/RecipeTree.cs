using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace ProxyReward.Recipes;

/// <summary>A recipe's YAML with the overrides of the command line laid over it; knows where each node was written.</summary>
internal sealed class RecipeTree
{
    private const int MaxBytes = 1 << 20;
    private const int MaxDepth = 16;
    private readonly string path;
    private readonly Dictionary<YamlNode, string> overridden = new(ReferenceEqualityComparer.Instance);

    private RecipeTree(string path, YamlMappingNode root) => (this.path, Root) = (path, root);

    public YamlMappingNode Root { get; }

    /// <summary>Reads a file and lays <c>a.b=c</c> overrides over it.</summary>
    public static RecipeTree Load(string path, IEnumerable<string> overrides)
    {
        if (Directory.Exists(path))
        {
            throw new RequestException($"{path}: is a folder; name a recipe file. That of a run folder is its recipe.yaml.");
        }

        if (!File.Exists(path))
        {
            throw new RequestException($"{path}: there is no such recipe. The ones that ship lie in recipes/, for example recipes/pocket.yaml.");
        }

        if (new FileInfo(path).Length > MaxBytes)
        {
            throw new RequestException($"{path}: larger than {MaxBytes >> 20} MB, which no recipe is. Check the path.");
        }

        var tree = new RecipeTree(path, Parse(Text(path), m => $"{path}:{m.Line}") switch
        {
            YamlMappingNode root => root,
            _ => throw new RequestException($"{path}:1: a recipe is a mapping of keys to values, for example `name: my-run`."),
        });
        return tree.With(overrides);
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{path}: this recipe cannot be read ({e.Message.TrimEnd('.')}). Give yourself the right to read it, or name another.", e);
        }
    }

    /// <summary>Nothing but overrides.</summary>
    public static RecipeTree Of(IEnumerable<string> overrides) => new RecipeTree("--set", []).With(overrides);

    /// <summary>file:line, or the override a node comes from.</summary>
    public string PlaceOf(YamlNode node) => overridden.TryGetValue(node, out var place) ? place : $"{path}:{Math.Max(1, node.Start.Line)}";

    private RecipeTree With(IEnumerable<string> overrides)
    {
        foreach (var text in overrides)
        {
            Override(text);
        }

        return this;
    }

    private void Override(string text)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        if (split < 1)
        {
            throw new RequestException($"--set {text}: expected key=value, for example --set responses.k=16.");
        }

        var place = $"--set {text}";
        var keys = text[..split].Trim().Split('.');
        var value = Parse(text[(split + 1)..], _ => place) ?? new YamlScalarNode("null") { Style = ScalarStyle.Plain };
        var section = Root;
        foreach (var key in keys[..^1])
        {
            var name = new YamlScalarNode(key);
            if (!section.Children.TryGetValue(name, out var inner) || inner is YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" or "" })
            {
                section.Children.Remove(name);
                inner = new YamlMappingNode();
                section.Add(name, inner);
                overridden[name] = overridden[inner] = place;
            }

            section = inner as YamlMappingNode
                ?? throw new RequestException($"{place}: {PlaceOf(inner)} gives '{key}' one value, so it has no keys to set.");
        }

        var last = new YamlScalarNode(keys[^1]);
        section.Children.Remove(last);
        section.Add(last, value);
        overridden[last] = place;
        foreach (var node in value.AllNodes)
        {
            overridden[node] = place;
        }
    }

    private static YamlNode? Parse(string text, Func<Mark, string> placeOf)
    {
        try
        {
            Survey(text, placeOf);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
        }
        catch (YamlException e)
        {
            throw new RequestException($"{placeOf(e.Start)}: this is not YAML: {e.Message}", e);
        }
    }

    // The tree is built and walked by recursion, which a hostile depth would overflow; the parser's events come one by one.
    private static void Survey(string text, Func<Mark, string> placeOf)
    {
        var (parser, depth, documents) = (new Parser(new StringReader(text)), 0, 0);
        while (parser.MoveNext())
        {
            var now = parser.Current!;
            depth += now is MappingStart or SequenceStart ? 1 : now is MappingEnd or SequenceEnd ? -1 : 0;
            documents += now is DocumentStart ? 1 : 0;
            if (depth > MaxDepth)
            {
                throw new RequestException($"{placeOf(now.Start)}: this is nested deeper than {MaxDepth} levels, and no recipe is. Correct the brackets or the indentation.");
            }

            if (documents > 1)
            {
                throw new RequestException($"{placeOf(now.Start)}: a second YAML document begins here, and a recipe is one. Remove the line ---, or make it a file of its own.");
            }
        }
    }
}
