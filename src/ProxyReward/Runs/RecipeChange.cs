using System.Text;
using ProxyReward.Recipes;
using ProxyReward.Verdicts;

namespace ProxyReward.Runs;

/// <summary>
/// Whether a run may go on under a recipe that is not the one it began under: where only the way to a model that is asked changed, which
/// changes no answer. An address can be mended until it has answered; afterwards two servers would stand behind one reader.
/// </summary>
internal static class RecipeChange
{
    private const string Endpoint = "endpoint";
    private static readonly string[] Sections = ["reading", "evaluation.reading", "pairs.second_reading", "judging"];

    /// <summary>Makes a recipe that of the run, if it may be.</summary>
    /// <exception cref="RequestException">It is another recipe; names the first key that makes it so.</exception>
    public static void Take(Recipe recipe, IRunStore store)
    {
        var asked = RecipeFile.Write(recipe);
        var there = Encoding.UTF8.GetString(store.Read(Run.RecipeName));
        if (SettingChange.Between(there, asked).FirstOrDefault(change => !IsOfTheWay(change, recipe, store)) is { } other)
        {
            var why = other.Key.EndsWith($".{Endpoint}", StringComparison.Ordinal) ? " An address can be changed until it has answered something." : "";
            throw new RequestException($"{store.PathOf(Run.RecipeName)}: this folder holds a run of another recipe ({other}).{why} Choose another folder with --out.");
        }

        if (there != asked)
        {
            store.Write(Run.RecipeName, Encoding.UTF8.GetBytes(asked));
        }

        RunCard.Read(store).Under(recipe).Write(store);
    }

    private static bool IsOfTheWay(SettingChange change, Recipe recipe, IRunStore store)
    {
        var dot = change.Key.LastIndexOf('.');
        var (section, key) = dot < 0 ? ("", change.Key) : (change.Key[..dot], change.Key[(dot + 1)..]);
        return Sections.Contains(section)
            && (AskedModel.KeysOfTheWay.Contains(key) || (key == Endpoint && change is { There: not "null", Asked: not "null" } && !HasAnswered(section, recipe, store)));
    }

    private static bool HasAnswered(string section, Recipe recipe, IRunStore store) => Arm.AllOf(recipe).Prepend(Arm.Base)
        .SelectMany(arm => AnswersTo(section, recipe, arm).Select(arm.File))
        .Any(name => store.Read(name).Length > 0);

    private static string[] AnswersTo(string section, Recipe recipe, Arm arm)
    {
        string[] evaluation = ["evaluation/verdicts.jsonl", "evaluation/opening-verdicts.jsonl"];
        return section switch
        {
            "reading" => ["verdicts.jsonl", "dev/verdicts.jsonl", .. recipe.Evaluation.Reader is null ? evaluation : []],
            "evaluation.reading" => evaluation,
            "pairs.second_reading" => ["second-verdicts.jsonl"],
            _ => arm.Reward is { } reward && recipe.AsksJudge(reward) ? ["rewards.jsonl"] : [],
        };
    }
}
