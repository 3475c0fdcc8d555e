using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using ProxyReward.Models.Native;
using ProxyReward.Recipes;

namespace ProxyReward.Cli.Commands;

/// <summary><c>doctor</c>: what this machine has, and whether a recipe would find what it names.</summary>
internal static class DoctorCommand
{
    public static Command Create(Composition composition, Terminal terminal)
    {
        var recipe = new Option<string?>("--recipe") { Description = "Also checks that everything a recipe names is there" };
        var command = new Command("doctor", "Says what this machine has and what is missing") { recipe };
        command.SetAction(parsed =>
        {
            var checks = Checks(composition, parsed.GetValue(recipe), terminal).ToList();
            foreach (var (name, answer) in checks)
            {
                terminal.Output.WriteLine($"{name,-14}{answer.Text}");
            }

            return checks.TrueForAll(check => check.Answer.Good) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static IEnumerable<(string Name, (bool Good, string Text) Answer)> Checks(Composition composition, string? recipe, Terminal terminal)
    {
        yield return ("version", Fine(typeof(DoctorCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion));
        yield return ("system", Fine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}"));
        yield return ("processor", Fine($"{Environment.ProcessorCount} cores; bf16 {(Processor.HasFastBf16 ? "in hardware" : "not in hardware: models compute in fp32")}"));
        yield return ("memory", Fine($"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30):F1} GiB for this process"));
        yield return ("libtorch", Try(() =>
        {
            NativeEngine.Load();
            return "loads";
        }));
        if (recipe is not null)
        {
            yield return ("recipe", Try(() => Resolve(composition, recipe, terminal)));
        }
    }

    private static string Resolve(Composition composition, string path, Terminal terminal)
    {
        var recipe = RecipeFile.Load(path);
        var parts = composition.Of(recipe, Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetTempPath(), terminal);
        var questions = parts.Questions();
        return $"{recipe.Name}: model {parts.Model()}; questions: {questions.Train.Count} train, {questions.Dev.Count} dev, {questions.HeldOut.Count} held-out";
    }

    private static (bool Good, string Text) Fine(string? text) => (true, text ?? "unknown");

    private static (bool Good, string Text) Try(Func<string> check)
    {
        try
        {
            return (true, check());
        }
        catch (Exception e) when (e is RequestException or IOException or InvalidOperationException or DllNotFoundException)
        {
            return (false, $"problem: {e.Message}");
        }
    }
}
