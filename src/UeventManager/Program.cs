using UeventManager.Commands;

return await CommandLine.RunAsync(CommandLine.Build(new MonitorSources()), args).ConfigureAwait(false);
