using UeventManager.Core.Rules;
using UeventManager.Daemon.Edge;
using UeventManager.Systemd;

namespace UeventManager.Daemon.Services;

/// <summary>Reads the rules again, for SIGHUP and for <c>Reload</c>. Only a set of rules without errors ever reaches the engine.</summary>
internal sealed class RuleReload(DaemonOptions options, DaemonLog log, Pipeline pipeline, Action<Action> post)
{
    private readonly Lock _one = new();
    private volatile bool _hasEnded;

    /// <summary>The service manager, if it expects notifications of reloads.</summary>
    public ServiceNotifier? Notifier { get; init; }

    /// <summary>Returns the status line for the service manager.</summary>
    public Func<string> StatusLine { get; init; } = () => "";

    /// <summary>Reads the files on another thread, one reload after another, and puts the rules in force on the engine's thread.</summary>
    /// <param name="ended">Called on the engine's thread with the number of rules in force, or the errors in the files.</param>
    public void Begin(Action<int, IReadOnlyList<string>?>? ended = null) => ThreadPool.QueueUserWorkItem(_ => Read(ended));

    /// <summary>Stops reloads because the daemon ends. A reload under way is not waited for.</summary>
    public void End() => _hasEnded = true;

    private void Read(Action<int, IReadOnlyList<string>?>? ended)
    {
        lock (_one)
        {
            if (_hasEnded)
                return;
            Notifier?.Reloading(Monotonic.NowUsec);
            try
            {
                var loaded = RuleDirectories.Read(options);
                string[] problems = [.. loaded.Problems.Select(problem => problem.ToString())];
                if (problems.Length > 0 && !options.AllowBadRules)
                    post(() => Refuse(problems, ended));
                else
                    post(() => PutInForce(loaded.Set, problems, ended));
            }
            catch (Exception e)
            {
                // On a thread of the pool no exception may escape, because it would end the process.
                post(() => Refuse([e.Message], ended));
            }
        }
    }

    private void Refuse(string[] problems, Action<int, IReadOnlyList<string>?>? ended)
    {
        foreach (var problem in problems)
            log.ReloadFailed(problem);
        Notifier?.Ready(StatusLine());
        ended?.Invoke(0, problems);
    }

    private void PutInForce(RuleSet rules, string[] leftOut, Action<int, IReadOnlyList<string>?>? ended)
    {
        foreach (var problem in leftOut)
            log.RuleLeftOut(problem);
        pipeline.ReplaceRules(rules);
        if (rules.Rules.Count == 0)
            log.NoRules(RuleDirectories.Searched(options.RuleDirectories));
        log.Reloaded(rules.Rules.Count);
        Notifier?.Ready(StatusLine());
        ended?.Invoke(rules.Rules.Count, null);
    }
}
