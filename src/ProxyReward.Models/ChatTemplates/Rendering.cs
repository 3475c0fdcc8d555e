using System.Text;
using ProxyReward.Models.ChatTemplates.Values;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>
/// One rendering: its clock and its budget. Every element or character that is made or walked over costs one, and every node what it
/// takes the time of; a template that is not done by the end of the budget is stopped, so that time and memory are bounded
/// whatever it does.
/// </summary>
/// <param name="now">What the clock says, for <c>strftime_now</c>.</param>
internal sealed class Rendering(DateTime? now)
{
    private const long Budget = 1L << 26;
    private const int CostOfNode = 32;
    private const int MostCalls = 100;

    private long spent;
    private int calls;

    public DateTime? Now { get; } = now;

    /// <summary>Takes a cost off the budget, before the work is done.</summary>
    public void Charge(long cost)
    {
        spent += cost;
        if (cost > Budget || spent > Budget)
        {
            throw new TemplateException("the template does not come to an end: it has used up what a rendering may cost");
        }
    }

    /// <summary>Takes the cost of evaluating a node off the budget.</summary>
    public void Step() => Charge(CostOfNode);

    /// <summary>Takes the size of a result off the budget.</summary>
    public T Made<T>(T value)
        where T : Value
    {
        Charge(value is Text text ? text.Value.Length : value.Length ?? 1);
        return value;
    }

    /// <summary>The text of a value, as printed.</summary>
    public string Print(Value value)
    {
        Charge(value.Weight);
        return value.ToString();
    }

    /// <summary>Appends to what a template or block has written.</summary>
    public void Write(StringBuilder output, string text)
    {
        Charge(text.Length);
        output.Append(text);
    }

    /// <summary>Runs a macro or another thing that may call itself.</summary>
    public T Nested<T>(Func<T> body)
    {
        if (++calls > MostCalls)
        {
            throw new TemplateException($"calls are nested more than {MostCalls} deep");
        }

        var result = body();
        calls--;
        return result;
    }
}
