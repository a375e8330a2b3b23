using UeventManager.Commands;

var sources = new MonitorSources { Standalone = StandaloneSource.ConnectAsync, Kernel = KernelSource.Read };
return await CommandLine.RunAsync(CommandLine.Build(sources), args).ConfigureAwait(false);
