using ProxyReward.Questions;
using ProxyReward.Responses;

namespace ProxyReward.Training;

/// <summary>What DPO learns from: two responses to one question, the better one first.</summary>
public sealed record TrainingPair(MetaQuestion Question, Response Chosen, Response Rejected);

/// <summary>What a training did.</summary>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="PairsTrained">Pairs an epoch went through.</param>
/// <param name="PairsDropped">Pairs that were longer than max_length and therefore dropped.</param>
public sealed record TrainingResult(int Steps, int PairsTrained, int PairsDropped);
