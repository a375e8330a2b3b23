namespace UeventManager.Commands.Retelling;

/// <summary>Watches directories of rule files, and reports a change once no further change follows.</summary>
internal sealed class WatchedRules : IDisposable
{
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(500);

    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Timer _timer;

    /// <summary>Starts to watch the directories that exist.</summary>
    /// <param name="directories">The directories.</param>
    /// <param name="changed">Called on another thread after a change.</param>
    public WatchedRules(IEnumerable<string> directories, Action changed)
    {
        _timer = new Timer(_ => changed());
        foreach (string directory in directories.Where(Directory.Exists))
        {
            var watcher = new FileSystemWatcher(directory);
            watcher.Changed += Later;
            watcher.Created += Later;
            watcher.Deleted += Later;
            watcher.Renamed += Later;
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watchers.ForEach(static watcher => watcher.Dispose());
        _timer.Dispose();
    }

    private void Later(object sender, FileSystemEventArgs e)
    {
        try
        {
            _timer.Change(Calm, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
