using UeventManager;
using UeventManager.Commands;
using UeventManager.Commands.Verbs;
using UeventManager.Daemon.Start;

StandardDescriptors.FillGaps();
// Before anything else: a signal that comes earlier kills.
ProcessSignals.Listen(mayBeService: args.Contains(DaemonCommand.Name));
var sources = new MonitorSources { Standalone = StandaloneSource.ConnectAsync, Kernel = KernelSource.Read };
return await CommandLine.RunAsync(CommandLine.Build(sources), args).ConfigureAwait(false);
