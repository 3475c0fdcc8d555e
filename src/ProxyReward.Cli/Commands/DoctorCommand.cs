using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using ProxyReward.Cli.Plans;
using ProxyReward.Models.Native;

namespace ProxyReward.Cli.Commands;

/// <summary><c>doctor</c>: what this machine has, and whether a recipe would find what it names and have room for what it does.</summary>
internal static class DoctorCommand
{
    public static Command Create(Composition composition, Terminal terminal)
    {
        var recipe = new Option<string?>("--recipe") { Description = "Also checks that everything a recipe names is there, and says what it takes: tokens, requests and their cost, memory, disk" };
        var command = new Command("doctor", "Says what this machine has and what is missing") { recipe };
        command.SetAction(parsed =>
        {
            var good = true;
            foreach (var (name, fine, text) in Lines(composition, parsed.GetValue(recipe), terminal))
            {
                terminal.Output.WriteLine($"{name,-14}{text}");
                good &= fine;
            }

            return good ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static IEnumerable<(string Name, bool Good, string Text)> Lines(Composition composition, string? recipe, Terminal terminal)
    {
        var memory = MemoryLimit.Bytes;
        yield return ("version", true, typeof(DoctorCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");
        yield return ("system", true, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}");
        yield return ("processor", true, $"{Environment.ProcessorCount} cores; bf16 {(Processor.HasFastBf16 ? "in hardware" : "not in hardware: models compute in fp32")}");
        yield return ("memory", true, $"{MemoryLimit.Gigabytes(memory)} for this process");
        yield return RecipeCheck.Answer("libtorch", () =>
        {
            NativeEngine.Load();
            return "loads";
        });
        yield return RecipeCheck.Answer("devices", Devices.Text);
        if (recipe is not null)
        {
            foreach (var line in new RecipeCheck(composition, terminal, memory, new DriveInfo(Environment.CurrentDirectory).AvailableFreeSpace).Lines(recipe))
            {
                yield return line;
            }
        }
    }
}
