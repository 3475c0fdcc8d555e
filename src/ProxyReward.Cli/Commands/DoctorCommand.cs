using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using ProxyReward.Cli.Plans;
using ProxyReward.Models.Native;
using ProxyReward.Recipes;

namespace ProxyReward.Cli.Commands;

/// <summary><c>doctor</c>: what this machine has, and whether a recipe would find what it names and have room for what it does.</summary>
internal static class DoctorCommand
{
    public static Command Create(Composition composition, Terminal terminal)
    {
        var recipe = new Option<string?>("--recipe") { Description = "Also checks that everything a recipe names is there, and says what it takes: tokens, requests and their cost, memory, disk" };
        var folder = new Option<string?>("--out") { Description = "With --recipe: the run folder, as for run" };
        var overrides = new Option<string[]>("--set") { Description = "With --recipe: overrides a key of it, as for run; may be given several times", DefaultValueFactory = _ => [] };
        var command = new Command("doctor", "Says what this machine has and what is missing") { recipe, folder, overrides };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(recipe);
            if (path is null && new Option[] { folder, overrides }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } idle)
            {
                throw new RequestException($"{idle.Name}: it has no effect without --recipe. Leave it out.");
            }

            var good = true;
            foreach (var line in OfMachine().Concat(path is null ? [] : OfRecipe(composition, terminal, path, parsed.GetRequiredValue(overrides), parsed.GetValue(folder))))
            {
                terminal.Output.WriteLine(line);
                good &= line.Standing != Standing.Wrong;
            }

            return good ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static IEnumerable<PlanLine> OfMachine()
    {
        yield return new("version", typeof(DoctorCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");
        yield return new("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}");
        yield return new("processor", $"{Environment.ProcessorCount} cores; bf16 {(Processor.HasFastBf16 ? "in hardware" : "not in hardware: models compute in fp32")}");
        yield return new("memory", $"{MemoryLimit.Gigabytes(MemoryLimit.Bytes)} for this process");
        yield return PlanLine.Of("libtorch", () =>
        {
            NativeEngine.Load();
            return "loads";
        });
        yield return PlanLine.Of("devices", Devices.Text);
    }

    private static IEnumerable<PlanLine> OfRecipe(Composition composition, Terminal terminal, string path, string[] overrides, string? folder)
    {
        Recipe? recipe = null;
        var loaded = PlanLine.Of("recipe", () => (recipe = RecipeFile.Load(path, overrides)).Name);
        return recipe is null
            ? [loaded]
            : new Preflight(composition, recipe, Path.GetDirectoryName(Path.GetFullPath(path))!, terminal).Lines(Room.For(folder ?? RunCommand.FolderOf(recipe), MemoryLimit.Bytes));
    }
}
