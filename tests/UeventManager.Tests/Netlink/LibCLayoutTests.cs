using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace UeventManager.Tests.Netlink;

/// <summary>A wrong layout silently reads another field: sizes, offsets and numbers are compared with those of a C compiler.</summary>
public sealed class LibCLayoutTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <stddef.h>
        #include <stdio.h>
        #include <dirent.h>
        #include <fcntl.h>
        #include <grp.h>
        #include <poll.h>
        #include <net/if.h>
        #include <sys/epoll.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <sys/resource.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/statfs.h>
        #include <sys/syscall.h>
        #include <sys/prctl.h>
        #include <sys/uio.h>
        #include <sys/un.h>
        #include <linux/netlink.h>
        #include <linux/openat2.h>
        #include <linux/sock_diag.h>
        """;

    [Fact]
    public void Structs_and_constants_are_those_of_C()
    {
        var ours = Ours().ToList();
        var theirs = Compile([.. ours.Select(fact => fact.Expression)]);
        Assert.Equal(ours.Select(fact => $"{fact.Expression} = {fact.Value}"), ours.Zip(theirs, (fact, value) => $"{fact.Expression} = {value}"));
    }

    private static IEnumerable<(string Expression, long Value)> Ours()
    {
        foreach (var fact in Layout<LinuxApi.sockaddr_nl>("struct sockaddr_nl").Concat(Layout<iovec>("struct iovec"))
            .Concat(Layout<msghdr>("struct msghdr")).Concat(Layout<mmsghdr>("struct mmsghdr"))
            .Concat(Layout<cmsghdr>("struct cmsghdr")).Concat(Layout<ucred>("struct ucred")).Concat(Layout<LinuxApi.group>("struct group"))
            .Concat(Layout<pollfd>("struct pollfd")).Concat(Layout<timespec>("struct timespec")).Concat(Layout<open_how>("struct open_how"))
            .Concat(Layout<LinuxApi.rlimit>("struct rlimit")).Concat(Layout<statx>("struct statx"))
            .Concat(Layout<statx_timestamp>("struct statx_timestamp")).Concat(Layout<LinuxApi.statfs_data>("struct statfs"))
            .Concat(Layout<epoll_event>("struct epoll_event")).Concat(Layout<sockaddr_un>("struct sockaddr_un")))
        {
            yield return fact;
        }
        yield return ("sizeof(struct sockaddr_storage)", Unsafe.SizeOf<sockaddr_storage>());
        yield return ("offsetof(struct dirent64, d_reclen)", Offset<LinuxApi.linux_dirent64>("d_reclen"));
        yield return ("offsetof(struct dirent64, d_type)", Offset<LinuxApi.linux_dirent64>("d_type"));
        yield return ("offsetof(struct dirent64, d_name)", LinuxApi.DirentNameOffset);
        yield return ("O_DIRECTORY", LibC.O_DIRECTORY);
        yield return ("O_NOFOLLOW", LibC.O_NOFOLLOW);
        yield return ("O_CLOEXEC", LibC.O_CLOEXEC);
        yield return ("O_NONBLOCK", LibC.O_NONBLOCK);
        yield return ("O_PATH", LibC.O_PATH);
        yield return ("SO_RCVBUFFORCE", LibC.SO_RCVBUFFORCE);
        yield return ("SO_COOKIE", LibC.SO_COOKIE);
        yield return ("SO_RCVBUF", LibC.SO_RCVBUF);
        yield return ("SO_PASSCRED", LibC.SO_PASSCRED);
        yield return ("SO_MEMINFO", LibC.SO_MEMINFO);
        yield return ("SO_PROTOCOL", LibC.SO_PROTOCOL);
        yield return ("SO_ACCEPTCONN", LibC.SO_ACCEPTCONN);
        yield return ("SCM_RIGHTS", LibC.SCM_RIGHTS);
        yield return ("POLLHUP", LibC.POLLHUP);
        yield return ("F_SETFD", LibC.F_SETFD);
        yield return ("FD_CLOEXEC", LibC.FD_CLOEXEC);
        yield return ("MFD_CLOEXEC", LibC.MFD_CLOEXEC);
        yield return ("SK_MEMINFO_DROPS", 8);
        yield return ("SIOCGIFINDEX", (long)LibC.SIOCGIFINDEX);
        yield return ("offsetof(struct ifreq, ifr_ifindex)", 16);
        yield return ("sizeof(struct ifreq)", 40);
        yield return ("RLIMIT_NOFILE", LinuxApi.RLIMIT_NOFILE);
        yield return ("STATX_BTIME", LibC.STATX_BTIME);
        yield return ("AT_EMPTY_PATH", LibC.AT_EMPTY_PATH);
        yield return ("PR_SET_TIMERSLACK", LinuxApi.PR_SET_TIMERSLACK);
        yield return ("SYS_epoll_pwait2", LinuxApi.SYS_epoll_pwait2);
    }

    private static IEnumerable<(string Expression, long Value)> Layout<T>(string name)
        where T : unmanaged
    {
        yield return ($"sizeof({name})", Unsafe.SizeOf<T>());
        foreach (var field in typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            // Tmds.LibC's properties keep theirs as <name>k__BackingField, or as _name where the types differ.
            var cName = field.Name.Split('<', '>') is [_, var property, _] ? property : field.Name.StartsWith("__", StringComparison.Ordinal) ? "" : field.Name.TrimStart('_');
            if (cName.Length > 0)
                yield return ($"offsetof({name}, {cName})", Offset<T>(field.Name));
        }
    }

    private static long Offset<T>(string field) => (long)Marshal.OffsetOf<T>(field);

    private static long[] Compile(string[] expressions)
    {
        var directory = Directory.CreateTempSubdirectory("libc-layout");
        try
        {
            var source = Path.Combine(directory.FullName, "facts.c");
            var program = Path.Combine(directory.FullName, "facts");
            var prints = string.Join('\n', expressions.Select(text => $"printf(\"%lld\\n\", (long long)({text}));"));
            File.WriteAllText(source, $"{Headers}\nint main(void) {{\n{prints}\nreturn 0; }}\n");
            // Of the machine that this process runs as, which an emulator makes another than the one that compiles.
            var emulated = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 && Run("aarch64-linux-gnu-gcc", "--version") is not null;
            var compiler = emulated ? "aarch64-linux-gnu-gcc" : "gcc";
            Assert.SkipWhen(Run(compiler, "-static", "-o", program, source) is null, $"there is no {compiler}");
            Assert.True(File.Exists(program), "gcc did not compile the facts");
            // A listener that another test opens at this moment changes the umask of this process, and so that of the compiler.
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return [.. (emulated ? Run("qemu-aarch64", program)! : RunFresh(program)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line, CultureInfo.InvariantCulture))];
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    // A program that was just written may be busy for a moment, as may the machine.
    private static string RunFresh(string program)
    {
        string? output = null;
        System.ComponentModel.Win32Exception? failure = null;
        SpinWait.SpinUntil(() => (output = Run(program, out failure)) is not null, TestTime.Seconds(10));
        return output ?? throw new IOException($"{program}: {failure?.Message} ({failure?.NativeErrorCode})", failure);
    }

    private static string? Run(string program, params string[] arguments) => Run(program, out _, arguments);

    private static string? Run(string program, out System.ComponentModel.Win32Exception? failure, params string[] arguments)
    {
        failure = null;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            failure = e;
            return null;
        }
    }
}
