using System.Runtime.InteropServices;
using ProxyReward.Cli;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Reading;
using ProxyReward.Reports;

// mpirun gives its processes a terminal that nobody sits at; Console would greet it, in front of the results.
if (Launcher.Processes(Environment.GetEnvironmentVariable) > 1)
{
    Environment.SetEnvironmentVariable("TERM", "dumb");
}

// The first Ctrl-C, or the SIGTERM of a scheduler whose time is up, stops the work where it can go on from; the second one is the system's.
using var interrupted = new CancellationTokenSource();
using var fromTerminal = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var fromScheduler = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);

// Only a training that goes over several processes joins them; the others are then told how this one ended.
var ranks = Ranks.Single;
var composition = new Composition(
    new LocalPolicyLoader(ranks: () => ranks),
    (model, prompts) => new LogitJudge(LocalModel.Open(model.Path, chat: model.Chat), prompts),
    join: () => ranks = Launcher.Join(Environment.GetEnvironmentVariable),
    memory: () => MemoryLimit.Bytes);
var code = await new CommandLine(composition, Report.Write, Console.Out, Console.Error).RunAsync(args, interrupted.Token);
ranks.Leave(code);
return code;

void Interrupt(PosixSignalContext signal)
{
    signal.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
}
