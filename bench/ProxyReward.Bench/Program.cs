using ProxyReward.Bench;

return args switch
{
    ["clients"] => await ClientsBench.RunAsync(),
    ["engine" or "decode"] => EngineBench.Run(args[0]),
    ["dpo" or "dpo-means"] => await DpoBench.RunAsync(args[0]),
    ["dpo-case", var json] => DpoBench.Measure(json),
    ["ranks"] => await RanksBench.RunAsync(),
    ["ranks-case", var json] => RanksBench.Measure(json),
    ["encoder"] => EncoderBench.Run(),
    ["load", var checkpoint, var text] => LoadBench.Run(checkpoint, text),
    ["read", var checkpoint, var questions] => ReadBench.Run(checkpoint, questions),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "dotnet run -c Release --project bench/ProxyReward.Bench -- clients | engine | decode | dpo | dpo-means | ranks | encoder | load CHECKPOINT TEXT | read CHECKPOINT QUESTIONS");
    return 2;
}
