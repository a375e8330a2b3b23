using Microsoft.Extensions.Logging.Abstractions;
using UeventManager.RuleFiles;
using UeventManager.Sysfs;

namespace UeventManager.Daemon;

/// <summary>
/// What a start needs and nothing else in it waits for, on a thread of its own: reads the rules while the host is built, and warms up while the
/// sockets are opened. Most of a start is code that is bound for the first time, which two processors halve.
/// </summary>
internal sealed class StartAhead
{
    private readonly DaemonOptions _options;
    private readonly TaskCompletionSource<RuleLoad> _rules = new();
    private readonly TaskCompletionSource _warm = new();

    private StartAhead(DaemonOptions options) => _options = options;

    /// <summary>Ends with the warm-up, or with its exception: an error of our own.</summary>
    public Task Warm => _warm.Task;

    /// <summary>The rule files, the bad ones too; waits for them.</summary>
    public RuleLoad Rules => _rules.Task.GetAwaiter().GetResult();

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
            _rules.SetResult(PipelineStart.ReadRules(_options));
        }
        catch (Exception e)
        {
            _rules.SetException(e);
        }
        try
        {
            using var tree = SysfsTree.Open(_options.Sysfs);
            WarmUp.Run(tree, _options, new DaemonLog(NullLogger.Instance));
            _warm.SetResult();
        }
        catch (SystemCallException)
        {
            // Whoever opens the tree in earnest says what is wrong with it.
            _warm.SetResult();
        }
        catch (Exception e)
        {
            _warm.SetException(e);
        }
    }
}
