using ProxyReward.Questions;
using ProxyReward.Recipes;

namespace ProxyReward.Runs;

/// <summary>
/// What a run has to do at most, from its recipe and its questions alone: every response as long as it may be, no pair dropped. Known before
/// anything is loaded or paid for.
/// </summary>
/// <param name="Responses">To training, dev and held-out questions, over all arms.</param>
/// <param name="ResponseTokens">Tokens of them.</param>
/// <param name="TrainingTexts">Texts of each training question that the training reader reads.</param>
/// <param name="DevTexts">Responses of each dev question that the training reader reads; 0 where the dev questions choose nothing.</param>
/// <param name="JudgedTexts">Texts of each training question that the judge rates, each counted once.</param>
/// <param name="HeldOutTexts">Responses of each held-out question that the evaluation's reader reads, and as many openings.</param>
/// <param name="TrainedModels">Iterations and trained controls.</param>
/// <param name="Pairs">Pairs that each of them trains on.</param>
/// <param name="Steps">Optimizer steps of each of them.</param>
public sealed record WorkPlan(
    long Responses, long ResponseTokens, int TrainingTexts, int DevTexts, int JudgedTexts, int HeldOutTexts, int TrainedModels, int Pairs, int Steps)
{
    /// <summary>Plans a run.</summary>
    public static WorkPlan Of(Recipe recipe, QuestionSplits questions)
    {
        var controls = recipe.Controls.Select(Arm.Control).ToList();
        var heldOutTexts = (1 + recipe.Iterations + controls.Count) * recipe.Evaluation.Responses;
        var trainingTexts = recipe.Iterations * recipe.Responses.K;
        var devTexts = recipe.Keep == IterationKeep.BestOnDev && recipe.Iterations > 0 ? (1 + recipe.Iterations) * recipe.Evaluation.Responses : 0;

        // The controls learn from the responses of iteration 1: what was rated for one of them is rated for all.
        var judgedIterations = recipe.AsksJudge(recipe.Reward) ? recipe.Iterations : controls.Exists(control => control.Reward is { } reward && recipe.AsksJudge(reward)) ? 1 : 0;
        var responses = ((long)trainingTexts * questions.Train.Count) + ((long)devTexts * questions.Dev.Count) + ((long)heldOutTexts * questions.HeldOut.Count);
        var (pairs, dpo) = ((int)Math.Ceiling(questions.Train.Count * recipe.Pairs.QuestionShare) * recipe.Pairs.PerQuestion, recipe.Dpo);
        return new WorkPlan(
            responses,
            responses * recipe.Responses.MaxNewTokens,
            trainingTexts,
            devTexts,
            judgedIterations * recipe.Responses.K,
            heldOutTexts,
            recipe.Iterations + controls.Count(control => control.IsTrained),
            pairs,
            (int)Math.Ceiling(Math.Ceiling((double)pairs / dpo.BatchSize) / dpo.GradientAccumulation) * dpo.Epochs);
    }
}
