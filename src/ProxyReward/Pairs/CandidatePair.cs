using ProxyReward.Rewards;

namespace ProxyReward.Pairs;

/// <summary>Two responses to one question that may become a preference pair.</summary>
/// <param name="Better">The one of higher reward, or of the same.</param>
/// <param name="Worse">The other.</param>
internal sealed record CandidatePair(ResponseReward Better, ResponseReward Worse)
{
    // Far above the rounding of a difference of rewards, far below the difference that one proxy question makes.
    private const double Rounding = 1e-9;

    public string QuestionId => Better.QuestionId;

    /// <summary>In the unit of the reward; 0 for a tie.</summary>
    public double Gap => Better.Reward - Worse.Reward;

    /// <summary>Whether the rewards lie a gap apart or more. Rewards are quotients, so that 9/10 − 8/10 is a little less than 0.1: what rounding takes counts as there.</summary>
    public bool IsApartBy(double gap) => Gap >= gap - Rounding;

    /// <summary>Tokens that the better response is longer by; below 0 where it is shorter.</summary>
    public int ExtraTokens => Better.LengthTokens - Worse.LengthTokens;

    /// <summary>Two responses, whichever is better; of two equal ones the first counts as better.</summary>
    public static CandidatePair Of(ResponseReward first, ResponseReward second) =>
        first.Reward >= second.Reward ? new(first, second) : new(second, first);

    /// <summary>The indicators that strictly prefer the worse response; one that has not looked does not object.</summary>
    public IEnumerable<Indicator> ObjectorsAmong(IEnumerable<Indicator> indicators) =>
        indicators.Where(indicator => ValueOf(indicator, Better) < ValueOf(indicator, Worse));

    private static double? ValueOf(Indicator indicator, ResponseReward response) => indicator switch
    {
        Indicator.Accuracy => response.Counts.Accuracy,
        Indicator.Precision => response.Counts.Precision,
        Indicator.Judge => response.JudgeRating,
        Indicator.SecondReader => response.SecondReaderAccuracy,
        _ => throw new ArgumentOutOfRangeException(nameof(indicator), indicator, "no such indicator"),
    };
}
