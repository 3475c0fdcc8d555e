using System.CommandLine;
using ProxyReward.Models.Native;

namespace ProxyReward.Cli.Commands;

/// <summary><c>--device</c> of the verbs that compute: where, and why not elsewhere.</summary>
internal static class DeviceOption
{
    public static Option<string> Create()
    {
        var option = new Option<string>("--device")
        {
            Description = "Where to compute: cpu, the only device of this engine",
            DefaultValueFactory = _ => Devices.Processor,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Devices.Refusal(token.Value) is { } refusal)
            {
                result.AddError($"--device: {refusal}");
            }
        });
        return option;
    }
}
