using ProxyReward.Training;

namespace ProxyReward.Tests.Training;

public sealed class DevCourseTests
{
    [Fact]
    public void The_best_is_the_lowest_loss_and_of_equals_the_first()
    {
        var course = new DevCourse(new());
        Assert.Equal([true, true, false, false], new[] { (0, .69), (4, .5), (8, .5), (12, .6) }.Select(score => course.Add(Score(score.Item1, score.Item2))));
        Assert.Equal(4, course.Best!.Step);
        Assert.False(course.IsOver);
    }

    [Fact]
    public void Patience_counts_scorings_since_the_best()
    {
        var course = new DevCourse(new() { Patience = 2 });
        var over = new List<bool>();
        foreach (var (step, loss) in new[] { (0, .69), (1, .7), (2, .6), (3, .61), (4, .6) })
        {
            course.Add(Score(step, loss));
            over.Add(course.IsOver);
        }

        Assert.Equal([false, false, false, false, true], over);
    }

    private static DevScore Score(int step, double loss) => new()
    {
        Step = step,
        Epoch = 0,
        Loss = loss,
        RewardsChosen = 0,
        RewardsRejected = 0,
        RewardsAccuracies = 0,
        RewardsMargins = 0,
        LogpsChosen = 0,
        LogpsRejected = 0,
    };
}
