using System.Runtime.InteropServices;

namespace UeventManager.KernelTests.Units;

/// <summary>A unit's SystemCallFilter= as systemd makes it: the groups of systemd itself, turned into a program by libseccomp.</summary>
internal static partial class SystemCallFilter
{
    /// <summary>
    /// Lets a program run under a filter: perl is in every Debian, and its syscall() passes a string as a pointer. The two calls are
    /// prctl(PR_SET_NO_NEW_PRIVS) and prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, struct sock_fprog).
    /// </summary>
    public static string[] Launcher(string program) =>
    [
        "perl", "-e",
        "my $n = shift; open my $f, '<:raw', shift or die $!; local $/; my $code = <$f>; my $fprog = pack 'Sx6P', length($code) / 8, $code;"
        + "syscall($n, 38, 1, 0, 0, 0) == 0 or die $!; syscall($n, 22, 2, $fprog) == 0 or die $!; exec @ARGV or die $!",
        $"{Resolve("prctl")}", program,
    ];

    /// <summary>The system calls that a unit allows.</summary>
    public static IReadOnlySet<string> Allowed(UnitFile unit)
    {
        var allowed = new HashSet<string>(Expand("@default"));
        foreach (var value in unit.All("SystemCallFilter"))
        {
            foreach (var word in value.TrimStart('~').Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (value.StartsWith('~'))
                    allowed.ExceptWith(Expand(word));
                else
                    allowed.UnionWith(Expand(word));
            }
        }
        return allowed;
    }

    /// <summary>Writes the program for this architecture: what is not allowed fails with EPERM.</summary>
    public static void Write(IEnumerable<string> allowed, string path)
    {
        const uint AllowAction = 0x7fff0000;
        const uint ErrnoAction = 0x00050000;
        const int EPERM = 1;
        var filter = Init(ErrnoAction | EPERM);
        foreach (var number in allowed.Select(Resolve).Where(number => number >= 0))
            Assert.Equal(0, Add(filter, AllowAction, number, 0, 0));
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
            Assert.Equal(0, Export(filter, (int)file.DangerousGetHandle()));
        Release(filter);
    }

    private static IEnumerable<string> Expand(string word) => !word.StartsWith('@') ? [word]
        : InstalledTree.Analyze("syscall-filter", word).Ok().Output.Split('\n')
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal) && !line.TrimStart().StartsWith('#'))
            .SelectMany(line => Expand(line.Trim()));

    [LibraryImport("libseccomp.so.2", EntryPoint = "seccomp_init")]
    private static partial nint Init(uint action);

    [LibraryImport("libseccomp.so.2", EntryPoint = "seccomp_syscall_resolve_name", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Resolve(string name);

    [LibraryImport("libseccomp.so.2", EntryPoint = "seccomp_rule_add_array")]
    private static partial int Add(nint filter, uint action, int number, uint count, nint comparisons);

    [LibraryImport("libseccomp.so.2", EntryPoint = "seccomp_export_bpf")]
    private static partial int Export(nint filter, int fd);

    [LibraryImport("libseccomp.so.2", EntryPoint = "seccomp_release")]
    private static partial void Release(nint filter);
}
