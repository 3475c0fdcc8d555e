using ProxyReward.Bench;

return args switch
{
    ["clients"] => await ClientsBench.RunAsync(),
    ["engine" or "dpo" or "decode"] => EngineBench.Run(args[0]),
    ["encoder"] => EncoderBench.Run(),
    ["read", var checkpoint, var questions] => ReadBench.Run(checkpoint, questions),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("dotnet run -c Release --project bench/ProxyReward.Bench -- clients | engine | dpo | decode | encoder | read CHECKPOINT QUESTIONS");
    return 2;
}
