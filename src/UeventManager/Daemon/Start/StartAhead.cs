using UeventManager.RuleFiles;

namespace UeventManager.Daemon.Start;

/// <summary>What a start needs and nothing else in it waits for: reads the rules on a thread of its own, while the host is built.</summary>
internal sealed class StartAhead
{
    private readonly DaemonOptions _options;
    private readonly TaskCompletionSource<RuleLoad> _rules = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StartAhead(DaemonOptions options) => _options = options;

    /// <summary>The rule files, the bad ones too.</summary>
    public Task<RuleLoad> Rules => _rules.Task;

    /// <summary>Begins.</summary>
    public static StartAhead Begin(DaemonOptions options)
    {
        var ahead = new StartAhead(options);
        new Thread(ahead.Run) { Name = "start", IsBackground = true }.Start();
        return ahead;
    }

    private void Run()
    {
        try
        {
            _rules.SetResult(RuleDirectories.Read(_options));
        }
        catch (Exception e)
        {
            _rules.SetException(e);
        }
    }
}
