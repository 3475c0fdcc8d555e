using ProxyReward.Responses;
using ProxyReward.Training;

namespace ProxyReward.Runs;

/// <summary>
/// Holds the one policy that is in use. Each is loaded from its folder, also the one that was just trained: an interrupted run
/// then goes the same way as an undisturbed one.
/// </summary>
internal sealed class PolicyShelf(IPolicyLoader loader, ChatTemplateOptions chat, Func<Arm, string> folderOf) : IDisposable
{
    private (Arm Arm, ComputePrecision Precision)? owner;
    private IPolicy? policy;

    /// <summary>The model of an arm; what was given before is disposed of if it is another.</summary>
    public IPolicy Of(Arm arm, ComputePrecision precision)
    {
        if (owner != (arm, precision))
        {
            Dispose();
            (policy, owner) = (loader.Load(folderOf(arm), precision, chat), (arm, precision));
        }

        return policy!;
    }

    /// <summary>Lets go of the policy.</summary>
    public void Dispose()
    {
        policy?.Dispose();
        (policy, owner) = (null, null);
    }
}
