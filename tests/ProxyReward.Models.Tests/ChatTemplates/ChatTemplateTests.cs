using System.Text.Json;
using ProxyReward.Models.ChatTemplates;
using ProxyReward.Responses;

namespace ProxyReward.Models.Tests.ChatTemplates;

public sealed class ChatTemplateTests
{
    private static readonly ChatTurn[] Chat = [new("system", "Be brief."), new("user", "Hi {{ 7 * 7 }}")];

    [Fact]
    public void Messages_are_data_and_the_assistant_is_asked_to_go_on() => Assert.Equal(
        "<system>Be brief.\n<user>Hi {{ 7 * 7 }}\n<assistant>",
        ChatTemplate.Parse("{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}")
            .Render(Chat, addGenerationPrompt: true));

    [Theory]
    [InlineData("a\n  {{ 1 + }}", "t.jinja:2:10: an expression was expected, not the end of the expression '}}'")]
    [InlineData("{% for m in messages %}\n{{ m.content }}", "t.jinja:1:4: this 'for' has no 'endfor'")]
    [InlineData("{% if true %}{% endfor %}", "t.jinja:1:17: the tag 'endfor' is unknown here")]
    [InlineData("\n\n{% include 'x' %}", "t.jinja:3:4: the tag 'include' is unknown here")]
    [InlineData("{% break %}", "t.jinja:1:4: the tag 'break' is unknown here")]
    [InlineData("{{ 'abc }}", "t.jinja:1:4: this string has no closing quote")]
    [InlineData("x{# never closed", "t.jinja:1:2: this comment has no '#}'")]
    [InlineData("{{ (1] }}", "t.jinja:1:6: ']' closes nothing")]
    [InlineData("{{ 1 | shout }}", "t.jinja:1:8: there is no filter 'shout'")]
    [InlineData("{{ 1 is shouted }}", "t.jinja:1:9: there is no test 'shouted'")]
    [InlineData("{{ 1 ; 2 }}", "t.jinja:1:6: ';' has no meaning here")]
    [InlineData("{{ f(a=1, a=2) }}", "t.jinja:1:11: the argument 'a' is given twice")]
    [InlineData("{% set none = 1 %}", "t.jinja:1:8: 'none' cannot be assigned to")]
    public void What_cannot_be_read_is_named_with_line_and_column(string template, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<RequestException>(() => ChatTemplate.Parse(template, "t.jinja")).Message);

    [Theory]
    [InlineData("{{ raise_exception('roles must alternate') }}", "t.jinja:1:19: the template refuses the chat: roles must alternate")]
    [InlineData("\n{{ messages[0].contnt + 'x' }}", "t.jinja:2:23: 'dict object' has no attribute 'contnt'")]
    [InlineData("{{ messages.append(1) }}", "t.jinja:1:19: templates may not change values")]
    [InlineData("{{ 'x'.upper(1, 2) is string }}{{ 'x'.split(by=1) }}", "t.jinja:1:44: split has no argument 'by'")]
    [InlineData("{% for a, b in messages %}{% endfor %}{% for a, b, c in messages %}{% endfor %}", "t.jinja:1:46: 'dict' of length 2 does not unpack into 3 names")]
    [InlineData("{{ strftime_now('%Y') }}", "t.jinja:1:16: 'strftime_now' is undefined")]
    [InlineData("{% call nope() %}x{% endcall %}", "t.jinja:1:13: 'nope' is undefined")]
    [InlineData("{% macro m(a) %}{{ caller() }}{% endmacro %}\n{% call m(nope.x) %}x{% endcall %}", "t.jinja:2:15: 'nope' is undefined")]
    [InlineData("{% macro m() %}{{ caller() }}{% endmacro %}\n{% call m() %}\n{{ nope.x }}{% endcall %}", "t.jinja:3:8: 'nope' is undefined")]
    [InlineData("\n{% filter join(nope.x) %}x{% endfilter %}", "t.jinja:2:20: 'nope' is undefined")]
    [InlineData("\n{% filter round %}x{% endfilter %}", "t.jinja:2:11: ")]
    [InlineData("{% set messages.x = 1 %}", "t.jinja:1:8: 'messages' is no namespace")]
    [InlineData("{{ ''.__class__.__mro__ }}", "t.jinja:1:16: 'str object' has no attribute '__class__'")]
    public void What_fails_is_named_with_line_and_column(string template, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<RequestException>(() => ChatTemplate.Parse(template, "t.jinja").Render(Chat, false)).Message);

    /// <summary>Each of these would take for ever, or all memory, or the stack.</summary>
    [Theory]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}")]
    [InlineData("{% set ns = namespace(n=3) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(90) }}")]
    [InlineData("{% set l = [1] %}{% for x in l recursive %}{{ loop(l) }}{% endfor %}")]
    [InlineData("{{ 'x' * 999999999999 }}")]
    [InlineData("{{ 9 ** 99999 }}")]
    [InlineData("{{ 'x' | center(999999999) }}")]
    [InlineData("{{ '%999999d' % 1 }}")]
    [InlineData("{{ 'x'.ljust(2147483647) }}")]
    [InlineData("{{ ('a' * 99999).replace('a', 'b' * 99999) }}")]
    [InlineData("{{ (['x' * 99999] * 99999) | join }}")]
    [InlineData("{{ range(99999999) }}")]
    [InlineData("{{ [1] | batch(999999999, 0) }}")]
    public void A_template_that_does_not_come_to_an_end_is_stopped(string template) =>
        Assert.Throws<RequestException>(() => ChatTemplate.Parse(template).Render(Chat, false));

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("not ")]
    [InlineData("-")]
    [InlineData("{'a': ")]
    [InlineData("1 if ")]
    public void A_template_that_is_nested_without_end_is_refused(string opening) => Assert.Throws<RequestException>(
        () => ChatTemplate.Parse("{{ " + string.Concat(Enumerable.Repeat(opening, 200_000)) + " }}"));

    [Fact]
    public void Blocks_that_are_nested_without_end_are_refused() => Assert.Throws<RequestException>(
        () => ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if 1 %}", 200_000)) + string.Concat(Enumerable.Repeat("{% endif %}", 200_000))).Render(Chat, false));

    [Fact]
    public void A_long_chain_of_operators_is_evaluated_or_refused()
    {
        try
        {
            Assert.Equal("100000", ChatTemplate.Parse("{{ " + string.Join(" + ", Enumerable.Repeat("1", 100_000)) + " }}").Render(Chat, false));
        }
        catch (RequestException e)
        {
            Assert.Contains("nested too deep", e.Message);
        }
    }

    [Fact]
    public void A_damaged_template_renders_or_is_refused_and_nothing_else()
    {
        const string Sound = """
            {%- macro show(m, mark='<') -%}{{ mark ~ m.role | upper }}>{{ m['content'].strip()[0:40] | tojson(indent=2) }}{%- endmacro %}
            {% set ns = namespace(n=0, names=[]) %}
            {%- for m in messages if m.role != 'tool' %}
              {%- set ns.n = ns.n + loop.index0 * 2 // 3 %}
              {{- show(m, mark=('[' if loop.first else '(')) + "\n" }}{# a comment #}
            {%- else %}{{ raise_exception("no messages") }}{% endfor %}
            {{ messages | map(attribute='role') | join(', ') }} {{ '%05.2f' % 3.14159 }} {{ 'abc'[::-1].replace('a', 'xy') }}
            {% if ns.n is divisibleby 2 and not x is defined %}{{ {'a': [1, 2.5, none]} }}{% elif true %}{{ -ns.n ** 2 }}{% endif %}
            """;
        var draws = Draws.Of(1, "templates");
        var rendered = 0;
        for (var i = 0; i < 4000; i++)
        {
            var damaged = Sound.ToList();
            for (var times = 1 + draws.Below(4); times > 0; times--)
            {
                var at = draws.Below(damaged.Count);
                var part = damaged.GetRange(at, Math.Min(draws.Below(12), damaged.Count - at));
                switch (draws.Below(3))
                {
                    case 0:
                        damaged.RemoveRange(at, part.Count);
                        break;
                    case 1:
                        damaged.InsertRange(draws.Below(damaged.Count), part);
                        break;
                    default:
                        damaged[at] = draws.Pick([.. "{}%#|()[]'\".,:~-+*/0x \n\\é"]);
                        break;
                }
            }

            try
            {
                _ = ChatTemplate.Parse(new string([.. damaged])).Render(Chat, addGenerationPrompt: true);
                rendered++;
            }
            catch (RequestException)
            {
                // as it should be
            }
        }

        Assert.InRange(rendered, 100, 3900);
    }

    [Fact]
    public void Without_a_clock_templates_take_their_own_date()
    {
        var template = ChatTemplate.Parse("{{ strftime_now('%-d %B %Y') if strftime_now is defined else 'no clock' }}");
        Assert.Equal("no clock", template.Render(Chat, false));
        Assert.Equal("5 March 2024", template.Render(Chat, false, new ChatTemplateOptions { Now = new DateTime(2024, 3, 5) }));
    }

    [Fact]
    public void A_template_that_needs_a_clock_says_which_key_gives_one()
    {
        var error = Assert.Throws<RequestException>(() => ChatTemplate.Parse("{{ strftime_now('%Y') }}", "t.jinja").Render(Chat, false));
        Assert.Contains("give one with chat.now (for example chat.now: 2026-01-31)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ enable_thinking }}{{ strftime_now('%Y') }}", null)]
    [InlineData("{% macro m() %}{% if enable_thinking is defined %}{{ strftime_now('%Y') }}{% endif %}{% endmacro %}", null)]
    [InlineData("{{ thinking }}{{ strftime_now('%Y') }}", "chat.variables.enable_thinking: the chat template t.jinja does not look at it")]
    [InlineData("{{ enable_thinking }}", "chat.now: the chat template t.jinja does not look at it")]
    public void What_a_template_does_not_look_at_is_refused(string template, string? expected)
    {
        var options = new ChatTemplateOptions
        {
            Now = new DateTime(2026, 1, 31),
            Variables = new Dictionary<string, JsonElement> { ["enable_thinking"] = JsonSerializer.SerializeToElement(false) },
        };
        var error = Record.Exception(() => ChatTemplate.Parse(template, "t.jinja").RequireUseOf(options));
        Assert.Equal(expected is null, error is null);
        Assert.StartsWith(expected ?? "", error?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_of_the_request_go_before_those_of_the_tokenizer()
    {
        var template = ChatTemplate.Parse("{{ bos_token }}{{ x }}", variables: new Dictionary<string, string> { ["bos_token"] = "<s>", ["x"] = "-" });
        Assert.Equal("<s>4", template.Render(new ChatRequest
        {
            Messages = JsonSerializer.SerializeToElement(Array.Empty<int>()),
            Variables = new Dictionary<string, JsonElement> { ["x"] = JsonSerializer.SerializeToElement(4) },
        }));
    }

    [Fact]
    public void One_template_renders_on_many_threads()
    {
        var template = ChatTemplate.Parse("{% for m in messages %}{{ loop.index }}{{ m.content }}{% endfor %}");
        var expected = Enumerable.Range(0, 500).Select(i => $"1{i}2x").ToList();
        Assert.Equal(expected, [.. Enumerable.Range(0, 500).AsParallel().AsOrdered().Select(i => template.Render([new("user", $"{i}"), new("assistant", "x")], false))]);
    }
}
