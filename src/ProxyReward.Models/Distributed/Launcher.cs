using System.Globalization;

namespace ProxyReward.Models.Distributed;

/// <summary>
/// Whether this process is one of several that a launcher of MPI programs started. Told by the environment alone, so that a process by itself never looks for an MPI library:
/// mpirun of Open MPI sets OMPI_COMM_WORLD_SIZE; mpiexec of MPICH and Intel MPI, and srun --mpi=pmi2, set PMI_SIZE; srun --mpi=pmix sets PMIX_RANK beside Slurm's own
/// SLURM_STEP_NUM_TASKS. Slurm's variables without one of these mean processes that have nothing to do with each other.
/// </summary>
public static class Launcher
{
    /// <summary>How many processes were started together; 1 where no launcher did.</summary>
    /// <param name="variable">Reads the environment.</param>
    public static int Processes(Func<string, string?> variable) =>
        Number(variable("OMPI_COMM_WORLD_SIZE")) ?? Number(variable("PMI_SIZE"))
        ?? (variable("PMIX_RANK") is not null ? Number(variable("SLURM_STEP_NUM_TASKS")) : null) ?? 1;

    /// <summary>
    /// How many of them are on this machine, as far as the launcher says: Open MPI, MPICH and Intel MPI do; for srun the most of any machine counts, "2(x3),1" being two on three machines and one on another.
    /// </summary>
    /// <param name="variable">Reads the environment.</param>
    public static int ProcessesHere(Func<string, string?> variable) => Processes(variable) == 1 ? 1
        : Number(variable("OMPI_COMM_WORLD_LOCAL_SIZE")) ?? Number(variable("MPI_LOCALNRANKS"))
            ?? variable("SLURM_STEP_TASKS_PER_NODE")?.Split(',').Max(machine => Number(machine.Split('(')[0])) ?? 1;

    /// <summary>Joins the processes that were started together. Once in the life of a process.</summary>
    /// <param name="variable">Reads the environment.</param>
    /// <exception cref="RequestException">There are several, and no MPI library, or that of another MPI.</exception>
    public static Ranks Join(Func<string, string?> variable) => Processes(variable) is var processes and > 1
        ? MpiRanks.Join(processes, openMpi: variable("OMPI_COMM_WORLD_SIZE") is not null)
        : Ranks.Single;

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
