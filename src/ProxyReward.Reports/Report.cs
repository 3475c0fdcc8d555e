using System.Text;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Reports.Sections;
using ProxyReward.Runs;

namespace ProxyReward.Reports;

/// <summary>
/// report.html: a run for people. One file that needs no network and runs no script, made of nothing but what the run folder holds;
/// the same folder gives the same bytes.
/// </summary>
public static class Report
{
    /// <summary>Its name in a run folder.</summary>
    public const string FileName = "report.html";

    /// <summary>
    /// Writes the report of a run, finished or not; what is missing or damaged is named in it. A report that is there is replaced whole.
    /// </summary>
    /// <param name="runFolder">The folder of a run.</param>
    /// <returns>The full path of the report.</returns>
    /// <exception cref="RequestException">The folder holds no run, its recipe cannot be read, or nothing can be written there.</exception>
    public static string Write(string runFolder)
    {
        var page = Compose(RunReader.Read(runFolder));
        var store = new RunFolder(runFolder);
        try
        {
            store.Write(FileName, Encoding.UTF8.GetBytes(page.ToString()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException(
                $"{store.PathOf(FileName)}: the report cannot be written ({e.Message}). Make the folder writable, or copy the run elsewhere.", e);
        }

        return store.PathOf(FileName);
    }

    internal static Html Compose(RunContents run) => Page.Of(
        $"{run.Recipe.Name} – ProxyReward",
        HeaderSection.Of(run),
        [
            HeaderSection.InShort(run),
            .. MissingSection.Of(run) is { } missing ? [missing] : Array.Empty<Section>(),
            ResultSection.Of(run),
            WarningSection.Of(run),
            AccuracySection.Of(run),
            ReaderSection.Of(run),
            RewardSection.Of(run),
            FunnelSection.Of(run),
            TrainingSection.Of(run),
            AnswerSection.Of(run),
            SettingSection.Of(run),
        ]);
}
