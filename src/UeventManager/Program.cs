using UeventManager.Commands;

var sources = new MonitorSources { Standalone = StandaloneSource.ConnectAsync, Kernel = KernelSource.Read };
return await CommandLine.RunAsync(sources, args).ConfigureAwait(false);
