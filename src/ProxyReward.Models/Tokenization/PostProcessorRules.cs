namespace ProxyReward.Models.Tokenization;

/// <summary>The post-processors of <c>tokenizer.json</c>: what is put around a text and around two.</summary>
/// <param name="Prefix">Before a single text.</param>
/// <param name="Suffix">Behind it.</param>
/// <param name="Pair">Around two; null where the file does not say.</param>
internal sealed record PostProcessorRules(IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix, PairTemplate? Pair)
{
    /// <exception cref="RequestException">The rule is not known, or damaged.</exception>
    public static PostProcessorRules Read(JsonSection section)
    {
        // ByteLevel moves offsets only, which nothing here asks for.
        return TokenizerJsonRules.Flatten(section, "processors").Where(component => component.Type != "ByteLevel").ToList() switch
        {
            [] => new([], [], null),
            [{ Type: "TemplateProcessing" } template] => Template(template),
            [{ Type: "RobertaProcessing" } roberta] => Roberta(roberta),
            _ => throw TokenizerJsonRules.Refused(section),
        };
    }

    private static PostProcessorRules Template(JsonSection template)
    {
        var single = template["single"].Items().SelectMany(piece => Pieces(piece, template)).ToList();
        var text = single.FindIndex(piece => piece.Token is null);
        if (single.Any(piece => piece is { Token: null, IsFirst: false }) || single.Count(piece => piece.Token is null) > 1)
        {
            throw TokenizerJsonRules.Refused(template["single"]);
        }

        var pair = template["pair"].Items().SelectMany(piece => Pieces(piece, template)).ToList();
        if (pair.Count > 0 && (pair.Count(piece => piece is { Token: null, IsFirst: true }) != 1 || pair.Count(piece => piece is { Token: null, IsFirst: false }) != 1))
        {
            throw TokenizerJsonRules.Refused(template["pair"]);
        }

        return new(
            [.. single.Take(text < 0 ? single.Count : text).Select(piece => piece.Token!.Value)],
            [.. single.Skip(text < 0 ? single.Count : text + 1).Select(piece => piece.Token!.Value)],
            pair.Count == 0 ? null : new PairTemplate(pair));
    }

    private static IEnumerable<TemplatePiece> Pieces(JsonSection piece, JsonSection template)
    {
        if (piece["SpecialToken"] is { IsNone: false } special)
        {
            var ids = template["special_tokens"][special["id"].Text()]["ids"].Items();
            return ids.Select(id => new TemplatePiece(id.Integer(), IsFirst: false, TypeOf(special)));
        }

        var text = piece["Sequence"];
        return text["id"].Text() switch
        {
            "A" => [new TemplatePiece(null, IsFirst: true, TypeOf(text))],
            "B" => [new TemplatePiece(null, IsFirst: false, TypeOf(text))],
            _ => throw TokenizerJsonRules.Refused(piece),
        };
    }

    private static int TypeOf(JsonSection part) => part["type_id"] is { IsNone: false } type ? type.Integer() : 0;

    /// <summary><c>&lt;s&gt; A &lt;/s&gt;</c> and <c>&lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;</c>, all of type 0.</summary>
    private static PostProcessorRules Roberta(JsonSection rule)
    {
        var (begin, end) = (IdOf(rule["cls"]), IdOf(rule["sep"]));
        TemplatePiece Token(int id) => new(id, IsFirst: false, 0);
        return new([begin], [end], new PairTemplate(
            [Token(begin), new(null, IsFirst: true, 0), Token(end), Token(end), new(null, IsFirst: false, 0), Token(end)]));
    }

    /// <summary>A token as RobertaProcessing writes it: its text and its id.</summary>
    private static int IdOf(JsonSection token) => token.Items().ToList() is [_, var id] ? id.Integer() : throw TokenizerJsonRules.Refused(token);
}
