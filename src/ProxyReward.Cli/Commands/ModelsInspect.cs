using System.CommandLine;
using System.Text.Json;
using ProxyReward.Cli.Results;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Models.Encoders;

namespace ProxyReward.Cli.Commands;

/// <summary><c>models inspect MODEL</c>: shape, precision, tokenizer and memory of a checkpoint, its weights unread.</summary>
internal static class ModelsInspect
{
    // Far beyond any model's reach, and small enough that no estimate overflows.
    private const int MaxLength = 1 << 24;
    private const int MaxBatch = 1 << 12;

    public static Command Create(Terminal terminal, Func<HubOptions> hub)
    {
        var model = new Argument<string>("model") { Description = "A folder, a .gguf file, a PEFT adapter, or owner/name[@revision] in the cache of the Hub" };
        var length = NumberOption.Create("--length", "Tokens of a sequence, prompt and completion, that the memory is for", 1024, 1, MaxLength);
        var batch = NumberOption.Create("--batch", "Sequences at a time that the memory is for", 4, 1, MaxBatch);
        var json = new Option<bool>("--json") { Description = "Prints JSON, numbers in bytes" };
        var command = new Command("inspect", "Says what a model is and what memory it takes") { model, length, batch, json };
        command.SetAction(parsed =>
        {
            var options = hub();
            var path = CheckpointLocator.Find(parsed.GetRequiredValue(model), options);
            if (EncoderSummary.Of(path) is { } encoder)
            {
                RefuseMemory(parsed, path, length, batch);
                terminal.Output.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(encoder, Json.Indented) : EncoderTable.Of(encoder));
                return ExitCode.Done;
            }

            using var checkpoint = Checkpoint.Open(path, options);
            var (tokens, sequences) = (parsed.GetRequiredValue(length), parsed.GetRequiredValue(batch));
            var summary = CheckpointSummary.Of(checkpoint, tokens, sequences);
            terminal.Output.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(summary, Json.Indented) : ModelTable.Of(summary, tokens, sequences));
            return ExitCode.Done;
        });
        return command;
    }

    private static void RefuseMemory(ParseResult parsed, string path, params Option<int>[] options)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new RequestException($"{given.Name}: {path} is an encoder, and the estimate of memory is for language models. Leave it out.");
        }
    }
}
