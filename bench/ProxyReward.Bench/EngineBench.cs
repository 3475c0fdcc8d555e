using System.Diagnostics;
using ProxyReward.Models.Decoding;
using ProxyReward.Models.Native;
using ProxyReward.Models.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Bench;

/// <summary>The engine on the shape of SmolLM2-135M with random weights: each figure beside the GEMM rate of the same process.</summary>
internal static class EngineBench
{
    public static readonly ModelConfig Shape = new()
    {
        Family = "llama",
        VocabSize = 49152,
        HiddenSize = 576,
        Layers = 30,
        Heads = 9,
        KeyValueHeads = 3,
        HeadDim = 64,
        IntermediateSize = 1536,
        MaxPositions = 8192,
        RmsNormEps = 1e-5,
        TieWordEmbeddings = true,
        RopeTheta = 100_000,
        AttentionScale = 1 / 8.0,
    };

    public static int Run(string what)
    {
        NativeEngine.Load();
        var gemm = GemmRate(ScalarType.BFloat16);
        Console.WriteLine($"GEMM 2048³: bf16 {gemm:F0} GFLOP/s, fp32 {GemmRate(ScalarType.Float32):F0} GFLOP/s, {get_num_threads()} threads");
        using var model = new LanguageModel(Shape, RandomWeights(Shape));
        if (what is "decode" or "engine")
        {
            Prefill(model, 512);
            Decode(model, 1);
            Decode(model, 8);
            Decode(model, 64);
        }

        return 0;
    }

    public static Parameters RandomWeights(ModelConfig shape)
    {
        var parameters = new Parameters(new ParameterLayout(shape), Processor.ComputeType);
        random.manual_seed(0);
        using (no_grad())
        {
            parameters.Master.normal_(0, 0.02);
        }

        parameters.RefreshCompute();
        return parameters;
    }

    private static void Prefill(LanguageModel model, int length)
    {
        var batch = new PackedBatch([[.. Enumerable.Range(0, length).Select(i => i * 7919 % 49000)]]);
        model.Forward(batch).Dispose();
        Report($"prefill {length}", length, Median(5, () => model.Forward(batch).Dispose()), 2.0);
    }

    private static void Decode(LanguageModel model, int batch)
    {
        const int tokens = 64;
        var requests = Enumerable.Range(0, batch).Select(i => new GenerationRequest([1, 2, 3, i + 4], Draws.Of(0, "bench", i))).ToList();
        void Generate() => new Models.Decoding.Generator(model).Generate(requests, new Warpers(Temperature: 0.8), tokens, null, CancellationToken.None);
        Generate();
        Report($"decode batch {batch}", batch * tokens, Median(3, Generate), 2.0);
    }

    private static void Report(string what, int tokens, double seconds, double flopsPerParameter)
    {
        var rate = tokens / seconds;
        var flops = flopsPerParameter * new ParameterLayout(Shape).Size * rate / 1e9;
        var gemm = GemmRate(ScalarType.BFloat16);
        Console.WriteLine($"{what}: {rate:F0} tokens/s, {flops:F0} GFLOP/s = {flops / gemm:P0} of the bf16 GEMM rate ({gemm:F0}), peak memory {PeakGigabytes():F2} GB");
    }

    internal static double GemmRate(ScalarType type)
    {
        using var mode = no_grad();
        using Tensor a = randn(2048, 2048).to(type), b = randn(2048, 2048).to(type);
        mm(a, b).Dispose();
        return 2.0 * 2048 * 2048 * 2048 / Median(7, () => mm(a, b).Dispose()) / 1e9;
    }

    internal static double Median(int runs, Action work)
    {
        var seconds = new double[runs];
        for (var i = 0; i < runs; i++)
        {
            var clock = Stopwatch.StartNew();
            work();
            seconds[i] = clock.Elapsed.TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[runs / 2];
    }

    private static double PeakGigabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e9;
    }
}
