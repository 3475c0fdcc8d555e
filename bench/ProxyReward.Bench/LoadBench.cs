using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Policies;

namespace ProxyReward.Bench;

/// <summary>How long a checkpoint takes to open, as it is and as safetensors, and how fast its tokenizer reads a text.</summary>
internal static class LoadBench
{
    private const int TextLength = 1 << 20;

    /// <param name="checkpoint">A GGUF or a Hugging Face folder.</param>
    /// <param name="textFile">What is encoded, repeated up to a million characters.</param>
    public static int Run(string checkpoint, string textFile)
    {
        var folder = Directory.CreateTempSubdirectory("proxyreward-bench").FullName;
        try
        {
            using (var model = LocalModel.Open(checkpoint))
            {
                Encode(model, File.ReadAllText(textFile));
                model.Save(folder, SafetensorsType.BF16);
            }

            Open("as given", checkpoint);
            Open("as safetensors in bf16", folder);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Open(string what, string path)
    {
        LocalModel.Open(path).Dispose();
        var timing = Timing.Of(() => LocalModel.Open(path).Dispose());
        Console.WriteLine($"opening the checkpoint {what}: {timing.Clock:F2} s, processor time {timing.Processor:F2} s");
    }

    private static void Encode(LocalModel model, string text)
    {
        var repeated = string.Concat(Enumerable.Repeat(text, (TextLength / text.Length) + 1))[..TextLength];
        var tokens = model.Tokenizer.Encode(repeated).Count;
        var rate = Timing.Of(() => model.Tokenizer.Encode(repeated)).Rate(tokens);
        Console.WriteLine($"encoding {TextLength} characters, {tokens} tokens: {rate.Clock:F0} tokens/s, {rate.Processor:F0} a second of processor time");
    }
}
