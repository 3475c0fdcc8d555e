using System.Globalization;
using System.Text;
using ProxyReward.Evaluation;
using ProxyReward.Evaluation.Readers;

namespace ProxyReward.Cli.Results;

/// <summary>What a reader is worth, as tables.</summary>
internal static class CalibrationText
{
    private static readonly string[] Words = ["True", "False", "NotStated"];

    public static string Of(ReaderCalibration calibration)
    {
        var report = calibration.Report;
        var text = new StringBuilder(FormattableString.Invariant(
            $"reader {report.Reader}: {report.Texts} texts, {report.Statements} statements, {report.Agreement.N} questions; shares with 95 % intervals over questions\n\n"));
        text.Append("| measure | value |\n|---|---|\n");
        Row("agreement with the labels", report.Agreement);
        Row("a reader that says True of everything", report.AlwaysTrue);
        Row("a reader that says NotStated of everything", report.AlwaysNotStated);
        text.Append("| a random reader | 33.3 % |\n");
        Row("negated twins with the opposite verdict", report.Twins);
        Row("gold answers given without a text (closed book)", report.ClosedBook);
        text.Append(CultureInfo.InvariantCulture, $"| correlation of its reward with the labels' reward, over texts | {report.RewardCorrelation?.ToString("F3", CultureInfo.InvariantCulture) ?? "none: one of them is constant"} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| population variance of a text's accuracy over repeated readings | {(report.Noise is { } noise ? FormattableString.Invariant($"{noise.Mean:F5} [{noise.Low:F5}, {noise.High:F5}]") : "each text was read once")} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| quotes that are not in the text | {report.QuoteFailures} |\n| verdicts without a usable reply | {report.ReplyFailures} |\n");
        text.Append("\n| label \\ verdict | True | False | NotStated | found |\n|---|---|---|---|---|\n");
        for (var label = 0; label < Words.Length; label++)
        {
            var row = report.Confusion[label];
            text.Append(CultureInfo.InvariantCulture, $"| {Words[label]} | {row[0]} | {row[1]} | {row[2]} | {(row.Sum() == 0 ? "–" : FormattableString.Invariant($"{100.0 * row[label] / row.Sum():F1} %"))} |\n");
        }

        if (report.Reliability.Count > 0)
        {
            text.Append("\n| confidence | n | mean confidence | agreement | |\n|---|---|---|---|---|\n");
            foreach (var bin in report.Reliability)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {bin.From:F1}–{bin.From + 0.1:F1} | {bin.N} | {bin.Confidence:F2} | {bin.Agreement:F2} | {new string('█', (int)Math.Round(bin.Agreement * 20))} |\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"\ncalibration error {report.CalibrationError:F3}\n");
        }

        if (calibration.Logit is { } logit)
        {
            text.Append(CultureInfo.InvariantCulture, $"temperature {logit.Temperature:F2}, priors {string.Join(' ', logit.Priors.Select(prior => prior.ToString("F2", CultureInfo.InvariantCulture)))}, offsets {string.Join(' ', logit.Offsets.Select(offset => offset.ToString("F2", CultureInfo.InvariantCulture)))} (True, False, NotStated)\n");
        }

        return text.Append(report.IsUseful ? "\nIt reads better than one that says the same of everything." : "\nIt is no better than one that says the same of everything (that takes an agreement whose interval is above that one's, and a reward that goes with the labels'): training with it is refused unless reading.force is true.").ToString();

        void Row(string name, Estimate? value) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {(value is null ? "does not apply" : FormattableString.Invariant($"{value.Mean * 100:F1} % [{value.Low * 100:F1}, {value.High * 100:F1}]"))} |\n");
    }
}
