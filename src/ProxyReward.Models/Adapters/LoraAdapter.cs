using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;
using static TorchSharp.torch;

namespace ProxyReward.Models.Adapters;

/// <summary>
/// A LoRA adapter on a model: y = x·Wᵀ + b + s·(x·Aᵀ)·Bᵀ. Its A's and B's are parameters like a model's own: fp32 masters in one flat buffer,
/// the same gradients, optimizer and training state. <see cref="LanguageModel.Adapter"/> puts it on. Not thread-safe.
/// </summary>
public sealed class LoraAdapter : IDisposable
{
    // The groups that a layer uses as one matrix: the A's of a group are neighbours.
    private static readonly string[][] Groups =
        [["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], ["self_attn.o_proj"], ["mlp.gate_proj", "mlp.up_proj"], ["mlp.down_proj"]];

    private readonly ParameterLayout model;

    /// <summary>What every layer has: "q_proj", …</summary>
    internal static IReadOnlyList<string> Projections { get; } = [.. Groups.SelectMany(group => group).Select(name => name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..])];

    private LoraAdapter(LoraConfig config, ParameterLayout model, Parameters factors) => (Config, this.model, Parameters) = (config, model, factors);

    /// <summary>Rank, scaling and targets.</summary>
    public LoraConfig Config { get; }

    /// <summary>All A's [rank, inputs] and B's [outputs, rank], under PEFT's names.</summary>
    public Parameters Parameters { get; }

    /// <summary>A new adapter that changes nothing yet: A uniform within 1/√inputs as in PEFT, B zero.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="model">The parameters of the model it is for.</param>
    /// <param name="computeType">The model's.</param>
    /// <param name="seed">Of the A's.</param>
    /// <exception cref="RequestException">A target is no projection of the model.</exception>
    public static LoraAdapter Start(LoraConfig config, ParameterLayout model, ScalarType computeType, long seed)
    {
        var factors = new Parameters(LayoutOf(config, model, "the LoRA configuration"), computeType);
        foreach (var slot in factors.Layout.Slots.Where(slot => slot.Name.EndsWith(".lora_A.weight", StringComparison.Ordinal)))
        {
            var (draws, bound) = (Draws.Of(seed, "lora", slot.Name), 1 / Math.Sqrt(slot.Shape[1]));
            foreach (ref var value in factors.MasterOf(slot.Name))
            {
                value = (float)(bound * ((2 * draws.Uniform()) - 1));
            }
        }

        factors.RefreshCompute();
        return new LoraAdapter(config, model, factors);
    }

    /// <summary>Reads a PEFT folder.</summary>
    /// <exception cref="RequestException">
    /// There is none, it is damaged, it belongs to another model, or it uses a feature of PEFT that is not computed here; the message names it.
    /// </exception>
    public static LoraAdapter Load(string folder, ParameterLayout model, ScalarType computeType)
    {
        var config = PeftFolder.ReadConfig(folder);
        var layout = LayoutOf(config, model, Path.Combine(folder, PeftFolder.ConfigName));
        using var source = SafetensorsFolder.Open(Path.Combine(folder, SafetensorsIndex.AdapterName));
        return new LoraAdapter(config, model, Parameters.Load(layout, source, folder, computeType));
    }

    /// <summary>Writes a PEFT folder.</summary>
    /// <param name="baseModel">Path of the model it is for.</param>
    public void Save(string folder, string baseModel) => PeftFolder.Write(folder, Config, baseModel, Parameters);

    /// <summary>
    /// Adds s·B·A to the masters of the model it was made for, for good. Whoever goes on takes the adapter off the model.
    /// </summary>
    public void MergeInto(Parameters weights)
    {
        foreach (var module in Modules(Config, model))
        {
            MergedUpdate.Add(weights.MasterOf($"{module}.weight"), Config, Parameters.MasterOf(NameOfB(module)), Parameters.MasterOf(NameOfA(module)));
        }

        weights.RefreshCompute();
    }

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();

    internal static string NameOfA(string module) => $"base_model.model.{module}.lora_A.weight";

    internal static string NameOfB(string module) => $"base_model.model.{module}.lora_B.weight";

    /// <summary>The adapter's part on projections that are used as one matrix; null where it changes none of them.</summary>
    internal LowRankUpdate? Of(string prefix, string[] projections)
    {
        var adapted = new List<AdaptedProjection>();
        var at = 0L;
        foreach (var module in projections.Select(projection => prefix + projection))
        {
            var outputs = model[$"{module}.weight"].Shape[0];
            if (Config.Targets(module))
            {
                adapted.Add(new AdaptedProjection(module, at, outputs));
            }

            at += outputs;
        }

        return adapted.Count == 0 ? null : new LowRankUpdate(Parameters, Config, adapted);
    }

    /// <summary>The A's and B's of an adapter.</summary>
    /// <param name="describedBy">What names the targets, for errors.</param>
    /// <exception cref="RequestException">A target is no projection of the model.</exception>
    internal static ParameterLayout LayoutOf(LoraConfig config, ParameterLayout model, string describedBy)
    {
        foreach (var target in config.TargetModules)
        {
            if (!Modules(config with { TargetModules = [target] }, model).Any())
            {
                throw new RequestException(
                    $"{describedBy}: target module '{target}' is no projection of this model; there are {string.Join(", ", Groups.SelectMany(group => group))} in every layer, and '{LoraConfig.AllLinear}'.");
            }
        }

        return new ParameterLayout(
            GroupedModules(config, model).SelectMany(group => group.Select(module => (NameOfA(module), (long[])[config.Rank, Shape(module)[1]]))
                .Concat(group.Select(module => (NameOfB(module), (long[])[Shape(module)[0], config.Rank])))),
            describedBy);

        IReadOnlyList<long> Shape(string module) => model[$"{module}.weight"].Shape;
    }

    private static IEnumerable<string> Modules(LoraConfig config, ParameterLayout model) => GroupedModules(config, model).SelectMany(group => group);

    private static IEnumerable<string[]> GroupedModules(LoraConfig config, ParameterLayout model)
    {
        for (var layer = 0; model.Contains($"model.layers.{layer}.input_layernorm.weight"); layer++)
        {
            foreach (var group in Groups)
            {
                yield return [.. group.Select(name => $"model.layers.{layer}.{name}").Where(config.Targets)];
            }
        }
    }
}
