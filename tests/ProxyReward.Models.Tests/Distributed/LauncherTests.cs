using ProxyReward.Models.Distributed;

namespace ProxyReward.Models.Tests.Distributed;

public sealed class LauncherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4, "OMPI_COMM_WORLD_SIZE=4")] // mpirun of Open MPI
    [InlineData(4, "PMI_SIZE=4", "PMI_RANK=0")] // mpiexec of MPICH; srun --mpi=pmi2
    [InlineData(4, "PMIX_RANK=3", "SLURM_STEP_NUM_TASKS=4")] // srun --mpi=pmix
    [InlineData(1, "SLURM_STEP_NUM_TASKS=4", "SLURM_PROCID=3")] // tasks that have nothing to do with each other
    [InlineData(1, "OMPI_COMM_WORLD_SIZE=1")]
    public void The_environment_says_how_many_processes_were_started_together(int processes, params string[] environment)
    {
        var variables = environment.Select(line => line.Split('=')).ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);
        Assert.Equal(processes, Launcher.Processes(variables.GetValueOrDefault));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2, "OMPI_COMM_WORLD_SIZE=4", "OMPI_COMM_WORLD_LOCAL_SIZE=2")]
    [InlineData(3, "PMI_SIZE=4", "MPI_LOCALNRANKS=3")] // mpiexec of MPICH and Intel MPI
    [InlineData(2, "PMI_SIZE=7", "SLURM_STEP_TASKS_PER_NODE=1,2(x3)")] // srun
    [InlineData(1, "PMI_SIZE=4")] // nobody says
    [InlineData(1, "SLURM_STEP_TASKS_PER_NODE=4")] // tasks that have nothing to do with each other
    public void Processes_on_one_machine_share_its_memory(int processes, params string[] environment)
    {
        var variables = environment.Select(line => line.Split('=')).ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);
        Assert.Equal(processes, Launcher.ProcessesHere(variables.GetValueOrDefault));
    }

    [Fact]
    public void A_process_by_itself_joins_nobody() => Assert.Same(Ranks.Single, Launcher.Join(_ => null));
}
