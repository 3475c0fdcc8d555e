using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Questions;

/// <summary>Runs <c>questions</c> verbs as a shell would, and keeps what the last one printed.</summary>
internal sealed class Verbs
{
    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public static CommandLine CommandLine(TextWriter output, TextWriter error) =>
        new(new Composition(new FakePolicyLoader(), (_, _) => throw new NotSupportedException()), run => run, output, error);

    public async Task<int> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine(output, TextWriter.Synchronized(error)).RunAsync(["questions", .. arguments], TestContext.Current.CancellationToken);
        (Output, Error) = (output.ToString(), error.ToString());
        return code;
    }
}
