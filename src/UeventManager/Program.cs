using Microsoft.Extensions.Logging;
using UeventManager.Daemon;

var get = (string name) => Array.IndexOf(args, name) is var i and >= 0 ? args[i + 1] : null;
return await DaemonHost.RunAsync(new DaemonOptions { Sysfs = get("--sysfs") ?? "/sys", Socket = get("--socket"), RuleDirectories = get("--rules") is { } r ? [r] : [] }, LogLevel.Information, default).ConfigureAwait(false);
