using UeventManager;
using UeventManager.Commands;
using UeventManager.Commands.Verbs;
using UeventManager.Daemon.Start;

StandardDescriptors.FillGaps();
// Before anything else: a signal that comes earlier kills.
ProcessSignals.Listen(mayBeService: args.Contains(DaemonCommand.Name));
return await CommandLine.RunAsync(CommandLine.Build(), args).ConfigureAwait(false);
