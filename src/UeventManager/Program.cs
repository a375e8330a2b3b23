using UeventManager.Commands;

var root = CommandLine.Build(
    new MonitorSources { Standalone = StandaloneSource.ConnectAsync, Kernel = KernelSource.Read },
    DaemonCommand.Build,
    TriggerCommand.Build,
    RulesCommand.Build);
return await CommandLine.RunAsync(root, args).ConfigureAwait(false);
