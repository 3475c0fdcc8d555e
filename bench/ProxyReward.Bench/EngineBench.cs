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
        using var model = new LanguageModel(Shape, RandomWeights(Shape));
        Console.WriteLine($"products in {Processor.ComputeType}; GEMM 2048³: {GemmRate(Processor.ComputeType).Clock:F0} GFLOP/s, {get_num_threads()} threads");
        if (what is "decode" or "engine")
        {
            Prefill(model, 512);
            Prefill(model, 1500);
            foreach (var batch in (ReadOnlySpan<int>)[1, 8, 16, 32, 64])
            {
                Decode(model, batch, 32);
            }

            Decode(model, 64, 320);
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

    private static void Decode(LanguageModel model, int batch, int tokens)
    {
        var requests = Enumerable.Range(0, batch).Select(i => new GenerationRequest([1, 2, 3, i + 4], Draws.Of(0, "bench", i))).ToList();
        void Generate() => new Models.Decoding.Generator(model).Generate(requests, new Warpers(Temperature: 0.8), tokens, null, CancellationToken.None);
        Generate();
        var timing = Median(3, Generate);
        Report($"decode batch {batch}, {tokens} tokens", batch * tokens, timing, 2.0);
        var bound = MemoryRate(model.Parameters).Over(model.Parameters.Layout.Size * model.Parameters.Compute.ElementSize);
        var steps = timing.Rate(tokens);
        Console.WriteLine($"  steps of one read of the weights: {bound.Clock:F0} a second; reached: {steps.Clock / bound.Clock:P0} (by processor time {steps.Processor / bound.Processor:P0})");
    }

    /// <summary>Bytes a second that all threads together read.</summary>
    private static Rates MemoryRate(Parameters parameters)
    {
        using var mode = no_grad();
        return Median(5, () => parameters.Master.sum().Dispose()).Rate(sizeof(float) * parameters.Layout.Size);
    }

    private static void Report(string what, int tokens, Timing timing, double flopsPerParameter)
    {
        var rate = timing.Rate(tokens);
        var flops = timing.Rate(flopsPerParameter * new ParameterLayout(Shape).Size * tokens / 1e9);
        var gemm = GemmRate(Processor.ComputeType);
        Console.WriteLine(
            $"{what}: {rate.Clock:F0} tokens/s, {flops.Clock:F0} GFLOP/s = {flops.Clock / gemm.Clock:P0} of the GEMM rate ({gemm.Clock:F0}), "
            + $"by processor time {flops.Processor / gemm.Processor:P0}; peak memory {PeakGigabytes():F2} GB");
    }

    /// <summary>GFLOP/s of libtorch's products.</summary>
    public static Rates GemmRate(ScalarType type)
    {
        using var mode = no_grad();
        using Tensor a = randn(2048, 2048).to(type), b = randn(2048, 2048).to(type);
        mm(a, b).Dispose();
        return Median(7, () => mm(a, b).Dispose()).Rate(2.0 * 2048 * 2048 * 2048 / 1e9);
    }

    internal static Timing Median(int runs, Action work)
    {
        var timings = Enumerable.Range(0, runs).Select(_ => Timing.Of(work)).ToList();
        return new Timing(Timing.Median(timings.Select(timing => timing.Clock)), Timing.Median(timings.Select(timing => timing.Processor)));
    }

    private static double PeakGigabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e9;
    }
}
