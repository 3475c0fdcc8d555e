using ProxyReward.Bench;

return args switch
{
    ["clients"] => await ClientsBench.RunAsync(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("dotnet run -c Release --project bench/ProxyReward.Bench -- clients");
    return 2;
}
