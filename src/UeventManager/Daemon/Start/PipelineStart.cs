using UeventManager.Core.Rules;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Loop;
using UeventManager.Netlink;
using UeventManager.RuleFiles;
using UeventManager.Sysfs;
using UeventManager.Systemd;

namespace UeventManager.Daemon.Start;

/// <summary>Opens everything that a pipeline needs, or reports all obstacles.</summary>
internal static class PipelineStart
{
    /// <summary>
    /// Checks the rules and opens the sockets and the tree. The previous run's hand-over is taken last; if the start fails nevertheless, it is put
    /// back for the next one.
    /// </summary>
    /// <param name="loaded">The rule files, including bad ones.</param>
    /// <param name="options">The options.</param>
    /// <param name="log">Receives warnings that do not prevent the start.</param>
    /// <param name="service">The service manager, if there is one.</param>
    /// <param name="bind">Binds the socket for clients, if there is one.</param>
    /// <exception cref="StartException">Something must be changed first.</exception>
    public static DaemonComposition Open(RuleLoad loaded, DaemonOptions options, DaemonLog log, ServiceContext? service = null, Func<SubscriberSocket>? bind = null)
    {
        var rules = RulesOf(loaded, options, log);
        UeventSocket? socket = null, udevSocket = null;
        SysfsTree? tree = null;
        SubscriberSocket? subscribers = null;
        var handover = new StateHandover(options.StateFile, service, log);
        try
        {
            // The socket first: events during the opening and reading of the tree wait in it.
            socket = service?.Passed.Take(PassedKind.Uevents, PassedDescriptors.KernelName) is { } passed
                ? UeventSocket.FromHandle(passed)
                : UeventSocket.Open(options.ReceiveBuffer);
            udevSocket = OpenUdev(log, service);
            tree = SysfsTree.Open(options.Sysfs);
            Check(socket, tree, options, log);
            if (udevSocket?.IsOfOwnNamespace() == false)
                throw new StartException(["the passed socket for udevd's broadcasts belongs to another network namespace (start the socket unit in this one, or pass none)"]);
            subscribers = bind?.Invoke();
            return new DaemonComposition(socket, udevSocket, tree, rules, options, log, handover, service, subscribers);
        }
        catch (Exception e)
        {
            handover.PutBack();
            subscribers?.Abandon();
            socket?.Dispose();
            udevSocket?.Dispose();
            tree?.Dispose();
            if (e is SystemCallException)
                throw new StartException([e.Message]);
            throw;
        }
    }

    // Without permission to receive udevd's broadcasts, its database is used.
    private static UeventSocket? OpenUdev(DaemonLog log, ServiceContext? service)
    {
        if (service?.Passed.Take(PassedKind.UdevEvents, PassedDescriptors.UdevName) is { } passed)
            return UeventSocket.FromHandle(passed, UeventGroup.Udev);
        try
        {
            return UeventSocket.Open(UeventGroup.Udev, UeventGroup.Udev.ReceiveBuffer);
        }
        catch (SystemCallException e)
        {
            log.NoUdevSocket(e.Message);
            return null;
        }
    }

    /// <exception cref="StartException">Some rule files are bad, which was not allowed.</exception>
    private static RuleSet RulesOf(RuleLoad loaded, DaemonOptions options, DaemonLog log)
    {
        if (loaded.Problems.Count > 0 && !options.AllowBadRules)
            throw new StartException([.. loaded.Problems.Select(p => p.ToString()), "bad rules (correct them, or start with --allow-bad-rules to leave those files out)"]);
        foreach (var problem in loaded.Problems)
            log.RuleLeftOut(problem.ToString());
        if (loaded.Rules.Count == 0)
            log.NoRules(RuleDirectories.Searched(options.RuleDirectories));
        return loaded.Set;
    }

    private static void Check(UeventSocket socket, SysfsTree tree, DaemonOptions options, DaemonLog log)
    {
        if (SysfsRoot.Problem(tree, options) is { } problem)
            throw new StartException([problem]);
        if (NetworkNamespaceCheck.Run(tree) == NamespaceVerdict.Different)
            throw new StartException([NetworkNamespaceCheck.Fix(tree)]);
        if (socket.IsOfOwnNamespace() == false)
            throw new StartException(["the passed socket for uevents belongs to another network namespace (start the socket unit in this one, or pass none)"]);
        if (!socket.RootIsMapped)
            log.RootNotMapped();
        if (socket.ReceiveBufferBytes < options.ReceiveBuffer)
            log.SmallBuffer(socket.ReceiveBufferBytes, options.ReceiveBuffer);
    }
}
