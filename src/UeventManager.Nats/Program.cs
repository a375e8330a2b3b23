using UeventManager.Commands;
using UeventManager.Daemon.Start;

namespace UeventManager.Nats;

internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        StandardDescriptors.FillGaps();
        // Before anything else, because an earlier signal would kill the process.
        ProcessSignals.Listen(mayBeService: args.Contains(Verbs.PublishCommand.Name));
        CommandRunner.Program = "uevent-nats";
        return NatsCommandLine.RunAsync(NatsCommandLine.Build(), args);
    }
}
