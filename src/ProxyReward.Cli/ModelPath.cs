using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Recipes;

namespace ProxyReward.Cli;

/// <summary>
/// From what a recipe names as a model to where it lies: a path goes first; <c>owner/name[@revision]</c> is a model of the Hub that was fetched
/// before, because a run asks no network for its models.
/// </summary>
internal static class ModelPath
{
    /// <param name="model">As the recipe writes it.</param>
    /// <param name="recipeFolder">Where relative paths are looked for after the working directory.</param>
    /// <param name="key">The recipe's key, for messages.</param>
    /// <param name="hub">Where the cache of the Hub is; null: where the environment says.</param>
    /// <exception cref="RequestException">It is nowhere; the message names the command that fetches it.</exception>
    public static string Locate(string model, string recipeFolder, string key, HubOptions? hub = null)
    {
        if (RecipeFile.Find(model, recipeFolder) is null && model.Contains('/') && HubModel.TryParse(model) is not null)
        {
            try
            {
                return CheckpointLocator.Find(model, hub ?? HubOptions.FromEnvironment());
            }
            catch (RequestException e)
            {
                throw new RequestException($"{key}: {e.Message}", e);
            }
        }

        return RecipeFile.Locate(model, recipeFolder, key);
    }
}
