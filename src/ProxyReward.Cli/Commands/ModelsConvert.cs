using System.CommandLine;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Cli.Commands;

/// <summary><c>models convert MODEL --to TARGET</c>: between Hugging Face folders and GGUF, in any direction and precision.</summary>
internal static class ModelsConvert
{
    public static Command Create(Terminal terminal, Func<HubOptions> hub)
    {
        var model = new Argument<string>("model") { Description = "A folder, a .gguf file, a PEFT adapter, or owner/name[@revision] in the cache of the Hub" };
        var adapter = new Option<string?>("--adapter") { Description = "A folder with a PEFT adapter that is merged into the model, whatever base it names" };
        var target = new Option<string>("--to") { Description = "A new file that ends in .gguf, or a new folder", Required = true };
        var type = new Option<string?>("--type") { Description = "f32, f16, bf16 or, for a .gguf, q8_0; by default what most numbers of the model have, or f32 where that cannot be written" };
        type.AcceptOnlyFromAmong("f32", "f16", "bf16", "q8_0");
        var command = new Command("convert", "Writes a model as a Hugging Face folder or as a GGUF") { model, adapter, target, type };
        command.SetAction(parsed =>
        {
            var to = parsed.GetRequiredValue(target);
            using var source = Open(parsed.GetRequiredValue(model), parsed.GetValue(adapter), hub());
            if (Path.Exists(to))
            {
                throw new RequestException($"--to: {to} is there already; remove it, or name another.");
            }

            if (Ends(to, ".safetensors"))
            {
                throw new RequestException($"--to: {to}: safetensors are written into a folder, with configuration and tokenizer beside them; name the folder, or a file that ends in .gguf.");
            }

            OutPath.CreateFolder("--to", Path.GetDirectoryName(Path.GetFullPath(to))!);
            if (Ends(to, ".gguf"))
            {
                source.SaveGguf(to, TypeOf(source, parsed.GetValue(type), GgufType.F32, GgufType.F16, GgufType.BF16, GgufType.Q8_0));
            }
            else
            {
                SaveFolder(source, to, TypeOf(source, parsed.GetValue(type), SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.BF16));
            }

            terminal.Output.WriteLine(to);
            return ExitCode.Done;
        });
        return command;
    }

    private static Checkpoint Open(string model, string? adapter, HubOptions hub)
    {
        var source = Checkpoint.Open(CheckpointLocator.Find(model, hub), hub);
        return adapter is null ? source : source.With(adapter);
    }

    private static bool Ends(string path, string extension) => Path.GetExtension(path).Equals(extension, StringComparison.OrdinalIgnoreCase);

    // Whoever opens the name finds all of the folder or none.
    private static void SaveFolder(Checkpoint source, string to, SafetensorsType type)
    {
        var partial = Path.TrimEndingDirectorySeparator(to) + ".partial";
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }

        try
        {
            source.SaveFolder(partial, type);
            Directory.Move(partial, to);
        }
        catch when (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    // The first of those that can be written holds every number exactly.
    private static T TypeOf<T>(Checkpoint source, string? asked, params ReadOnlySpan<T> writable)
        where T : struct, Enum
    {
        var name = asked ?? CheckpointSummary.Of(source, length: 1, batch: 1).Precision[0].Type;
        foreach (var type in writable)
        {
            if (name.Equals(type.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return type;
            }
        }

        return asked is null ? writable[0] : throw new RequestException($"--type: {asked} is for a .gguf; a Hugging Face folder holds f32, f16 or bf16.");
    }
}
