using ProxyReward.Rewards;
using ProxyReward.Training;

namespace ProxyReward.Cli;

/// <summary>The language models of this machine.</summary>
internal static class Engine
{
    public static IPolicyLoader Policies { get; } = new None();

    public static IJudge JudgeOf(string folder) => throw Missing();

    public static string WriteReport(string folder) => throw Missing();

    private static RequestException Missing() => new("this build runs no models");

    private sealed class None : IPolicyLoader
    {
        public IPolicy Load(string folder) => throw Missing();
    }
}
