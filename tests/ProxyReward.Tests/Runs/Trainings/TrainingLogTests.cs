using ProxyReward.Evaluation;
using ProxyReward.Runs;
using ProxyReward.Runs.Trainings;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Tests.Runs.Trainings;

public sealed class TrainingLogTests : IDisposable
{
    private static readonly Arm Arm = new("out", "", 1, null);
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly RunFolder store;

    public TrainingLogTests() => store = new(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_alarm_that_a_kill_cut_off_is_raised_when_the_training_goes_on()
    {
        Jsonl.Write(store, TrainingLog.StepsName, Enumerable.Range(1, 10).Select(Falling)); // killed before the alarm of the tenth was written
        using var log = Log();
        log.Begin(new(20, 9, []));
        Assert.Equal([("both_rewards_falling", 10)], Alarms());
        log.Stepped(Falling(10));
        log.Stepped(Falling(11));
        Assert.Equal([("both_rewards_falling", 10)], Alarms()); // what goes on going wrong is no news
    }

    [Fact]
    public void An_alarm_that_was_raised_before_stays_as_it_was()
    {
        Jsonl.Write(store, TrainingLog.StepsName, Enumerable.Range(1, 12).Select(Falling));
        Jsonl.Write(store, TrainingLog.AlarmsName, [new TrainingAlarm(10, "both_rewards_falling", "as it was")]);
        using var log = Log();
        log.Begin(new(20, 12, []));
        Assert.Equal("as it was", Assert.Single(Jsonl.Read<TrainingAlarm>(store, TrainingLog.AlarmsName)).Detail);
    }

    [Fact]
    public void Scoring_the_reference_is_work_of_its_own()
    {
        List<string> told = [];
        using (var log = Log(told))
        {
            log.Scoring(4, 10);
            log.Scoring(6, 10);
            log.Scoring(10, 10);
            log.Begin(new(20, 0, []));
        }

        Assert.Equal(["pairs of the reference: 4 of 10", "0 more", "2 more", "4 more", "end", "steps: 0 of 20", "end"], told);
    }

    private TrainingLog Log(List<string>? told = null) => new(
        store, Arm, new(), new SilentProgress(), TimeProvider.System, [new TextExample("p:1", "", "abc", "abd")],
        (unit, done, total) => new StageWork((Arm, Stage.Train, unit), (done, total), new Told(told ?? []), TimeProvider.System, _ => { }));

    private IEnumerable<(string Name, int Step)> Alarms() => Jsonl.Read<TrainingAlarm>(store, TrainingLog.AlarmsName).Select(alarm => (alarm.Name, alarm.Step));

    private static TrainingStep Falling(int step) => new()
    {
        Step = step,
        Epoch = 1,
        Loss = Math.Log(2),
        GradNorm = 1,
        LearningRate = 0,
        RewardsChosen = -.2,
        RewardsRejected = -.3,
        RewardsAccuracies = 0,
        RewardsMargins = 0,
        LogpsChosen = 0,
        LogpsRejected = 0,
        NumTokens = 0,
    };

    private sealed class Told(List<string> lines) : IRunProgress
    {
        public void Begin(Arm arm, Stage stage, string unit, int done, int total) => lines.Add($"{unit}: {done} of {total}");

        public void Advance(int items, long tokens) => lines.Add($"{items} more");

        public void End(TimeSpan took) => lines.Add("end");

        public void Note(string text) => lines.Add(text);
    }
}
