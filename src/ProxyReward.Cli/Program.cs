using System.Runtime.InteropServices;
using ProxyReward.Cli;

// The first Ctrl-C stops the work where it can go on from; the second one is the system's.
using var interrupted = new CancellationTokenSource();
using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
{
    context.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
});

return await new CommandLine(new Composition(Engine.Policies, Engine.JudgeOf), Engine.WriteReport, Console.Out, Console.Error).RunAsync(args, interrupted.Token);
