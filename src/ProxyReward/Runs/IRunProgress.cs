namespace ProxyReward.Runs;

/// <summary>Is told what a run is doing. Called from one thread, but for <see cref="Advance"/>, which may come from any.</summary>
public interface IRunProgress
{
    /// <summary>A stage has work to do.</summary>
    /// <param name="arm">The model.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="unit">What is counted, in the plural.</param>
    /// <param name="done">How many an earlier process did.</param>
    /// <param name="total">How many there are.</param>
    void Begin(Arm arm, Stage stage, string unit, int done, int total);

    /// <summary>Some were done.</summary>
    /// <param name="items">Since it was last told.</param>
    /// <param name="tokens">Generated since it was last told.</param>
    void Advance(int items, long tokens);

    /// <summary>The work that was begun is done, or was interrupted.</summary>
    void End(TimeSpan took);

    /// <summary>Something a person should know.</summary>
    void Note(string text);
}
