using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace ProxyReward.Models.Native;

/// <summary>
/// Loads libtorch. Call <see cref="Load"/> before the first tensor; every entry point of this project that makes one does.
/// Thread-safe.
/// </summary>
public static partial class NativeEngine
{
    private const string MissingVersion = "GLIBCXX_3.4.32";

    private static readonly Lazy<bool> Loaded = new(LoadOnce);

    /// <summary>Loads the native libraries once.</summary>
    /// <exception cref="RequestException">They cannot be loaded on this machine; the message says what is missing.</exception>
    public static void Load() => _ = Loaded.Value;

    /// <summary>Threads that it computes with.</summary>
    public static int Threads
    {
        get
        {
            Load();
            return torch.get_num_threads();
        }
    }

    private static bool LoadOnce()
    {
        KeepFreedMemory();
        AlignToPages();
        WaitWithoutSpinning();
        KeepFewPrimitives();
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == "LibTorchSharp" ? LoadWeakened() : 0;
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new RequestException(
                $"libtorch cannot be loaded on this machine ({RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}): "
                + $"{Innermost(error).Message} It is served for Linux x64 (glibc 2.28 or newer), Windows x64 and macOS arm64.",
                error);
        }
    }

    /// <summary>Only reached where the system's libstdc++ is older than libLibTorchSharp.so asks for: loads a copy that asks for less.</summary>
    private static nint LoadWeakened()
    {
        var original = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        if (!OperatingSystem.IsLinux() || !File.Exists(original))
        {
            return 0;
        }

        var copy = File.ReadAllBytes(original);
        if (ElfPatch.MakeWeak(copy, MissingVersion) == 0)
        {
            return 0;
        }

        // The copy lives in memory, so $ORIGIN is gone: what it needs must be in the process before it.
        foreach (var dependency in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
        {
            NativeLibrary.Load(Path.Combine(Path.GetDirectoryName(original)!, dependency));
        }

        var descriptor = MemoryFile("libLibTorchSharp.so", 0);
        if (descriptor < 0)
        {
            return 0;
        }

        var path = $"/proc/self/fd/{descriptor}";
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Write(copy);
        }

        return NativeLibrary.Load(path);
    }

    /// <summary>
    /// Buffers come and go at every training step. By default glibc hands each back to the kernel and pays for its pages again, which was measured at half of a
    /// step; kept, the large ones leave gaps that their like do not fit into, a third of what training took. So the large ones alone are handed back: those for which
    /// <see cref="AlignToPages"/> asks huge pages, from 2 MiB. The heap grows by less than that at a time: glibc cuts a large one, too, from what is left at its end. Elsewhere than on glibc this does nothing.
    /// </summary>
    private static void KeepFreedMemory()
    {
        const int trimThreshold = -1, topPad = -2, mmapThreshold = -3;
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetMallocOption(mmapThreshold, 2 << 20);
            _ = SetMallocOption(trimThreshold, int.MaxValue);
            _ = SetMallocOption(topPad, 1 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no mallopt
        }
    }

    /// <summary>Hands back what freed buffers left in the heap: what comes after a model may not fit into its gaps.</summary>
    internal static void HandBackFreedMemory()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = TrimMalloc(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no malloc_trim
        }
    }

    /// <summary>
    /// libtorch then aligns buffers to pages and asks for huge ones, five hundred times fewer of which are made. It also keeps smaller gaps usable: before 2.38 glibc
    /// never fits an aligned buffer into the gap that its like has left, because its thread cache keeps the few bytes that aligning cuts off.
    /// Read once, when libtorch allocates.
    /// </summary>
    private static void AlignToPages()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetEnvironment("THP_MEM_ALLOC_ENABLE", "1", overwrite: 0);
        }
    }

    /// <summary>
    /// oneDNN makes code for every shape of a product that it meets and keeps 1,024 of them, some 0.15 MB each: texts have ever other lengths. A training or a
    /// decoding comes back to some dozens. Read once, when oneDNN makes the first.
    /// </summary>
    private static void KeepFewPrimitives()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetEnvironment("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256", overwrite: 0);
        }
    }

    /// <summary>
    /// libgomp's threads spin after each parallel piece of work, in the way of the kernels of this project and of whoever shares the
    /// machine: with both cores busy elsewhere, a pretraining step took seven times as long. Read once, when libgomp is loaded.
    /// </summary>
    private static void WaitWithoutSpinning()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetEnvironment("GOMP_SPINCOUNT", "1000", overwrite: 0);
        }
    }

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimMalloc(nuint pad);
}
