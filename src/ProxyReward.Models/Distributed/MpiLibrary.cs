using System.Runtime.InteropServices;

namespace ProxyReward.Models.Distributed;

/// <summary>
/// The few functions of MPI that a training needs, in a library that is found at run time. Two binary interfaces are known: Open MPI, whose handles are the addresses of
/// symbols, and MPICH with those that keep its interface (Intel MPI, MVAPICH, Cray MPICH), whose handles are numbers (the MPICH ABI Compatibility Initiative).
/// </summary>
internal sealed unsafe class MpiLibrary
{
    private const int Serialized = 2; // MPI_THREAD_SERIALIZED: any thread, one at a time
    private static readonly string[] OpenMpiNames = ["libmpi.so.40", "libmpi.so"], MpichNames = ["libmpi.so.12", "libmpich.so.12", "libmpi.so"];

    private readonly nint library, world, singles, doubles, sum, inPlace;

    private MpiLibrary(string name, nint library)
    {
        (Name, this.library) = (name, library);
        var isOpenMpi = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _);
        nint Handle(string symbol, int number) => isOpenMpi ? NativeLibrary.GetExport(library, symbol) : number;
        world = Handle("ompi_mpi_comm_world", 0x44000000);
        singles = Handle("ompi_mpi_float", 0x4c00040a);
        doubles = Handle("ompi_mpi_double", 0x4c00080b);
        sum = Handle("ompi_mpi_op_sum", 0x58000003);
        inPlace = isOpenMpi ? 1 : -1;
    }

    /// <summary>What it was found as.</summary>
    public string Name { get; }

    /// <summary>Finds the library.</summary>
    /// <param name="openMpi">Whether the launcher is Open MPI's; others may have started either.</param>
    public static MpiLibrary Load(bool openMpi)
    {
        string[] names = openMpi ? OpenMpiNames : [.. MpichNames, .. OpenMpiNames];
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return new MpiLibrary(name, library);
            }
        }

        throw new RequestException(
            $"this process was started together with others, and no MPI library was found ({string.Join(", ", names.Distinct(StringComparer.Ordinal))}). "
            + "Install the launcher's (Debian: openmpi-bin or mpich), put its folder into LD_LIBRARY_PATH, or start one process without mpirun.");
    }

    public void Initialize()
    {
        var provided = 0;
        Check(((delegate* unmanaged<nint, nint, int, int*, int>)Function("MPI_Init_thread"))(0, 0, Serialized, &provided), "MPI_Init_thread");
        if (provided < Serialized)
        {
            throw new RequestException($"{Name}: this MPI was built without support of threads (MPI_THREAD_SERIALIZED). Use a build that has it.");
        }
    }

    public int Rank() => Number("MPI_Comm_rank");

    public int Size() => Number("MPI_Comm_size");

    public void SumFloats(nint values, int count) => Sum(values, count, singles);

    public void SumDoubles(nint values, int count) => Sum(values, count, doubles);

    public void Finish() => Check(((delegate* unmanaged<int>)Function("MPI_Finalize"))(), "MPI_Finalize");

    /// <summary>Ends all processes, this one among them.</summary>
    public void Abort(int code) => Check(((delegate* unmanaged<nint, int, int>)Function("MPI_Abort"))(world, code), "MPI_Abort");

    private void Sum(nint values, int count, nint type) => Check(
        ((delegate* unmanaged<nint, nint, int, nint, nint, nint, int>)Function("MPI_Allreduce"))(inPlace, values, count, type, sum, world), "MPI_Allreduce");

    private int Number(string function)
    {
        var number = 0;
        Check(((delegate* unmanaged<nint, int*, int>)Function(function))(world, &number), function);
        return number;
    }

    private nint Function(string name) => NativeLibrary.GetExport(library, name);

    private static void Check(int error, string function)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"{function} failed with code {error}.");
        }
    }
}
