using ProxyReward.Models.Policies;
using ProxyReward.Models.Reading;
using ProxyReward.Models.Transformer;
using ProxyReward.Questions;
using static TorchSharp.torch;

namespace ProxyReward.Bench;

/// <summary>
/// The logit reader on a checkpoint: 15 statements of a question set about a text of 1,500 tokens, beside one prefill of the text (target: at
/// most 1.3 times its cost) and the statements one by one (target: 8 times faster), each beside the GEMM rate of the same process.
/// </summary>
internal static class ReadBench
{
    private const int TextTokens = 1500;
    private const int Statements = 15;

    // One by one, so many stand for all: they cost the same.
    private const int Sample = 3;
    private const int Runs = 3;

    public static int Run(string checkpoint, string questionSet)
    {
        using var model = LocalModel.Open(checkpoint);
        var proxies = QuestionSet.Load(questionSet).SelectMany(question => question.Proxies).ToList();
        var scorer = new ChoiceScorer(model, ["True", "False", "Not stated"]);
        int[] text = [.. proxies.SelectMany(proxy => model.Tokenizer.Encode(proxy.Statement + " ")).Take(TextTokens)];
        var frame = model.Tokenizer.Encode(model.Frame.After);
        IReadOnlyList<int>[] suffixes = [.. proxies.Take(Statements).Select(IReadOnlyList<int> (proxy) => [.. model.Tokenizer.Encode(proxy.Statement), .. frame])];
        var alone = new PackedBatch([text]);
        Console.WriteLine(FormattableString.Invariant(
            $"{Path.GetFileName(checkpoint)}: a text of {text.Length} tokens, {suffixes.Length} statements of {suffixes.Average(suffix => suffix.Count):F1} tokens with their frame, {get_num_threads()} threads"));

        double[][] together = [];
        double[][] oneByOne = [];
        model.Network.Forward(alone).Dispose();
        scorer.LogProbs(text, suffixes);

        // In turns, so that a busy machine is busy for all of them.
        List<double> prefill = [], read = [], gemm = [];
        for (var run = 0; run < Runs; run++)
        {
            gemm.Add(EngineBench.GemmRate(model.Network.Parameters.Compute.dtype).Clock);
            prefill.Add(EngineBench.Median(1, () => model.Network.Forward(alone).Dispose()).Clock);
            read.Add(EngineBench.Median(1, () => together = scorer.LogProbs(text, suffixes)).Clock);
        }

        var single = EngineBench.Median(1, () => oneByOne = [.. suffixes.Take(Sample).Select(suffix => scorer.LogProbs(text, [suffix])[0])]).Clock * Statements / Sample;
        var (ratio, faster) = (Timing.Median(read.Zip(prefill, (r, p) => r / p)), single / Timing.Median(read));
        var apart = together.Zip(oneByOne, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max();
        Console.WriteLine(FormattableString.Invariant(
            $"prefill {TextTokens / Timing.Median(prefill):F0} tokens/s beside {Timing.Median(gemm):F0} GFLOP/s of GEMM; {Statements} statements cost {ratio:F2} × the prefill (target 1.3) and {faster:F1} × less than one by one (target 8); largest difference of a log-prob {apart:E1} in {model.Network.Parameters.Compute.dtype}"));
        return ratio <= 1.3 && faster >= 8 ? 0 : 1;
    }
}
