using System.Runtime.InteropServices;
using ProxyReward.Cli;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Reading;
using ProxyReward.Reports;

// The first Ctrl-C stops the work where it can go on from; the second one is the system's.
using var interrupted = new CancellationTokenSource();
using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
{
    context.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
});

var composition = new Composition(new LocalPolicyLoader(), (model, prompts) => new LogitJudge(LocalModel.Open(model), prompts));
return await new CommandLine(composition, Report.Write, Console.Out, Console.Error).RunAsync(args, interrupted.Token);
