using UeventManager.Client;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Daemon.Loop;
using UeventManager.Daemon.Start;
using UeventManager.Netlink;
using UeventManager.Sysfs;
using UeventManager.Tests.Sysfs;

namespace UeventManager.Tests.Daemon.Loop;

/// <summary>The whole daemon over a directory tree, for one client on a socket pair. It needs no privilege, and uevents of this machine change nothing.</summary>
internal sealed class LoopWorld : IDisposable
{
    private readonly ManualResetEventSlim _failed = new();

    public LoopWorld(ScratchTree tree, RuleSet rules)
    {
        var options = new DaemonOptions { Sysfs = tree.Root, UdevDb = tree.Outside("udev"), Dev = tree.Outside("dev"), StateFile = tree.Outside("state") };
        var log = new DaemonLog(Log);
        Sysfs = SysfsTree.Open(tree.Root);
        Daemon = new DaemonComposition(UeventSocket.Open(), null, Sysfs, rules, options, log, new StateHandover(options.StateFile, null, log));
        Daemon.Loop.Failed = _ => _failed.Set();
        var (ours, theirs) = SocketPair.Make();
        Daemon.Serve(ours);
        Client = UeventClient.FromSocket(theirs);
    }

    public SeenLog Log { get; } = new();

    public DaemonComposition Daemon { get; }

    public SysfsTree Sysfs { get; }

    public UeventClient Client { get; }

    public async Task<LoopWorld> Started()
    {
        Daemon.Loop.Start();
        await Daemon.Loop.Ready.WaitAsync(TestDeadline.Start());
        return this;
    }

    public void WaitForFailure() => _failed.Wait(TestDeadline.Start());

    public void Dispose()
    {
        Daemon.Dispose();
        Client.DisposeAsync().AsTask().Wait(TestDeadline.Start());
        _failed.Dispose();
    }
}
