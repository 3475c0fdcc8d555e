using System.IO.Compression;
using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class LlamaCppTests
{
    [Fact]
    public void It_continues_every_model_that_we_write_as_the_reference_does()
    {
        const int count = 16;
        using var folder = new TestFolder();
        var requests = new List<LlamaCpp.Request>();
        var expected = new List<List<int>>();
        foreach (var file in ModelFixtures.ExpectedSequences.Select(row => ModelFixtures.Path(row.Data)))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(file, ".json")));
            var source = Path.GetDirectoryName(file)!;
            var config = File.Exists(Path.Combine(source, "config.json")) ? ConfigReader.Read(source) : null;
            if (config is null or { Gemma: true } or { SlidingWindow: not null })
            {
                continue; // an adapter, or what a GGUF of ours cannot say
            }

            var name = Path.GetFileName(source);
            using var model = WithTokenizer(source, folder[name], config.VocabSize);
            model.SaveGguf(folder[name + ".gguf"], GgufType.F32);
            var sequences = json.RootElement.GetProperty("sequences").EnumerateArray().Where(sequence => sequence.TryGetProperty("greedy", out _)).ToList();
            requests.Add(new(folder[name + ".gguf"], [.. sequences.Select(sequence => Ids(sequence, "ids"))], count, []));
            expected.AddRange(sequences.Select(sequence => Ids(sequence, "greedy").TakeWhile(id => !config.EosTokenIds.Contains(id)).Take(count).ToList()));
        }

        Assert.Equal(expected, LlamaCpp.Ask(requests).SelectMany(answer => answer.Greedy));
        Assert.NotEmpty(expected);
    }

    [Fact]
    public void It_splits_text_into_the_ids_of_the_reference()
    {
        using var folder = new TestFolder();
        var cases = new List<(string Text, List<int> Ids)>();
        var requests = new List<LlamaCpp.Request>();
        foreach (var source in Directory.EnumerateDirectories(FixtureRoot.Require("tokenizers")).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(source);
            WriteModel(folder[name], source);
            using var model = Checkpoint.Open(folder[name]);
            if (Tokenizer.Load(folder[name]).AddedTokens.Any(token => token.LStrip || token.RStrip || token.SingleWord))
            {
                Assert.Contains("lstrip", Assert.Throws<RequestException>(() => model.SaveGguf(folder[name + ".gguf"], GgufType.Q8_0)).Message, StringComparison.Ordinal);
                continue;
            }

            model.SaveGguf(folder[name + ".gguf"], GgufType.Q8_0);

            // llama.cpp composes no text (NFC), as Qwen's tokenizer does, and takes runs of ideographic spaces apart otherwise: not ours to answer for.
            var lines = File.ReadLines(Path.Combine(source, "cases.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
                .Where(line => line.GetProperty("decoded").GetString() is var decoded && decoded == line.GetProperty("text").GetString() && !decoded!.Contains('\u3000'))
                .ToList();
            requests.Add(new(folder[name + ".gguf"], [], 0, [.. lines.Select(line => line.GetProperty("text").GetString()!)]));
            cases.AddRange(lines.Select(line => ($"{name} {line.GetProperty("id")}: {line.GetProperty("text")}", Ids(line, "ids"))));
        }

        var answers = LlamaCpp.Ask(requests).SelectMany(answer => answer.Tokens);
        var different = cases.Zip(answers).Where(pair => !pair.First.Ids.SequenceEqual(pair.Second)).Select(pair => pair.First.Text).ToList();
        Assert.True(different.Count == 0, $"{different.Count} of {cases.Count}:\n{string.Join('\n', different)}");
    }

    private static List<int> Ids(JsonElement json, string key) => [.. json.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];

    private static Checkpoint WithTokenizer(string source, string folder, int vocabSize)
    {
        using var model = Checkpoint.Open(source);
        model.SaveFolder(folder, SafetensorsType.F32);
        BpeTrainer.Train(["the cat and the hat"], ["<|pad|>", "<|bos|>", "<|eos|>"], Math.Min(vocabSize, 262)).Save(folder);
        return Checkpoint.Open(folder);
    }

    // A model of one narrow layer with the tokenizer of a reference.
    private static void WriteModel(string folder, string source)
    {
        Directory.CreateDirectory(folder);
        using (var packed = new GZipStream(File.OpenRead(Path.Combine(source, "tokenizer.json.gz")), CompressionMode.Decompress))
        using (var plain = File.Create(Path.Combine(folder, "tokenizer.json")))
        {
            packed.CopyTo(plain);
        }

        File.Copy(Path.Combine(source, "tokenizer_config.json"), Path.Combine(folder, "tokenizer_config.json"));
        var config = new ModelConfig
        {
            Family = "llama",
            VocabSize = Tokenizer.Load(folder).VocabSize,
            HiddenSize = 32,
            Layers = 1,
            Heads = 1,
            KeyValueHeads = 1,
            HeadDim = 32,
            IntermediateSize = 32,
            MaxPositions = 64,
            RmsNormEps = 1e-5,
            TieWordEmbeddings = true,
            RopeTheta = 10_000,
            AttentionScale = 1 / Math.Sqrt(32),
            BosTokenId = 1,
            EosTokenIds = [2],
        };
        ConfigWriter.Write(folder, config, SafetensorsType.BF16);
        SafetensorsWriter.WriteFolder(
            folder, [.. new ParameterLayout(config).Slots.Select(slot => new TensorToWrite(slot.Name, slot.Shape, span => span.Fill(0.01f)))], SafetensorsType.BF16);
    }
}
