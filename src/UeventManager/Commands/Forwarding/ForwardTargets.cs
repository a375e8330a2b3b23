namespace UeventManager.Commands.Forwarding;

/// <summary>All receiving namespaces. Thread-safe; an error in one namespace does not delay the others.</summary>
internal sealed class ForwardTargets(ForwardOptions options) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly List<ForwardTarget> _targets = [];
    private readonly List<(ForwardTarget Target, bool IsUdevd)> _dropped = [];
    private readonly RefusedNamespaces _refused = new(options.Say);

    /// <summary>True once a namespace was dropped because udevd sends there, rather than because it is gone.</summary>
    public bool MetUdevd { get; private set; }

    /// <summary>Opens the named namespaces, and those that the watched directory has now.</summary>
    /// <exception cref="IOException">A named namespace cannot be served.</exception>
    public void Open()
    {
        foreach (ForwardPlace place in options.Places)
            _targets.Add(ForwardTarget.Open(place, options.Format));
        if (options.Watch is { } directory && !Scan(directory, out _))
            options.Say($"{directory}: no such directory yet; waiting for it");
    }

    /// <summary>Sends one message to all namespaces.</summary>
    public void Send(Memory<byte> message)
    {
        lock (_gate)
        {
            foreach (ForwardTarget target in _targets)
            {
                if (target.Send(message) is { } said)
                    options.Say(said);
            }
        }
    }

    /// <summary>Drops namespaces in which udevd sends.</summary>
    public void DropWhereUdevdIsHeard()
    {
        lock (_gate)
        {
            for (int i = _targets.Count - 1; i >= 0; i--)
            {
                if (_targets[i].HearsUdevd())
                    Drop(_targets[i], isUdevd: true);
            }
        }
    }

    /// <summary>The reason why events of a daemon cannot be forwarded here, or null: the daemon would receive its own events.</summary>
    /// <param name="listenerPid">The daemon's process; 0 if it is not visible here.</param>
    public string? RefusalOf(int listenerPid)
    {
        if (options.Format != ForwardFormat.Kernel || listenerPid == 0 || FileIdentity.Follow($"/proc/{listenerPid}/ns/net") is not { } heard)
            return null;
        lock (_gate)
        {
            return _targets.Find(target => target.Identity == heard) is { } target
                ? $"{target.Place.Name}: the daemon receives the kernel's uevents there and would get its own events again (name another namespace, or --format libudev)"
                : null;
        }
    }

    /// <summary>Follows namespaces as they appear and disappear. Returns once none is left and none can appear.</summary>
    public async Task WatchAsync(CancellationToken cancel)
    {
        using var changed = new SemaphoreSlim(0);
        FileSystemWatcher? watcher = null;
        try
        {
            TimeSpan delay = Shortest;
            while (Prune())
            {
                bool news = false;
                if (options.Watch is { } directory)
                {
                    // Watch first and read then, so that no file is missed in between.
                    watcher ??= Watcher(directory, changed);
                    if (!Scan(directory, out news))
                    {
                        watcher?.Dispose();
                        watcher = null;
                    }
                }
                // ip netns add creates a file and mounts the namespace over it later, for which there is no notification.
                delay = news ? Shortest : delay * 2;
                delay = delay < Longest ? delay : Longest;
                await changed.WaitAsync(delay, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            watcher?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (ForwardTarget target in _targets.Concat(_dropped.Select(static one => one.Target)))
                Close(target);
            _targets.Clear();
            _dropped.Clear();
        }
        _refused.Dispose();
    }

    private static FileSystemWatcher? Watcher(string directory, SemaphoreSlim changed)
    {
        try
        {
            var watcher = new FileSystemWatcher(directory);
            watcher.Created += (_, _) => changed.Release();
            watcher.Deleted += (_, _) => changed.Release();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (ArgumentException)
        {
            return null; // It is not there.
        }
    }

    // False once there is no target left.
    private bool Prune()
    {
        ForwardTarget[] all;
        lock (_gate)
            all = [.. _targets];
        // Not with the lock held, which would delay events: the kernel's list of a namespace's sockets may be long.
        foreach (ForwardTarget target in all)
        {
            if (target.Losses() is { } losses)
                options.Say(losses);
        }
        HashSet<ForwardTarget> gone = [.. all.Where(static target => !target.IsThere())];
        (ForwardTarget Target, bool IsUdevd)[] dropped;
        lock (_gate)
        {
            foreach (ForwardTarget target in _targets.ToArray())
            {
                bool isUdevd = target.HearsUdevd();
                if (isUdevd || gone.Contains(target))
                    Drop(target, isUdevd);
            }
            // In one step, because a target that is neither served, dropped nor refused would be opened again.
            dropped = [.. _dropped];
            foreach ((ForwardTarget target, bool isUdevd) in dropped)
            {
                if (isUdevd && target.Place.Path is { } path)
                    _refused.GiveUp(path, target.Identity);
            }
            _dropped.Clear();
        }
        foreach ((ForwardTarget target, _) in dropped)
            Close(target);
        lock (_gate)
            return options.Watch is not null || _targets.Count > 0;
    }

    private void Close(ForwardTarget target)
    {
        if (target.Sum() is { } sum)
            options.Say(sum);
        target.Dispose();
    }

    // The watching thread closes it, because it may be reading the target's losses.
    private void Drop(ForwardTarget target, bool isUdevd)
    {
        options.Say(isUdevd
            ? $"{target.Place.Name}: udevd sends events there too, so clients would get everything twice; no longer served (stop udevd there and start forward again, or forward to udevd with --format kernel)"
            : $"{target.Place.Name} is gone");
        MetUdevd |= isUdevd;
        _targets.Remove(target);
        _dropped.Add((target, isUdevd));
    }

    // False if the directory does not exist. "news" is true if a namespace has appeared or is about to.
    private bool Scan(string directory, out bool news)
    {
        news = false;
        string[] paths;
        try
        {
            paths = Directory.GetFiles(directory);
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        var own = FileIdentity.Follow("/proc/self/ns/net");
        foreach (string path in paths.Order(StringComparer.Ordinal))
        {
            FileIdentity? identity = FileIdentity.Follow(path);
            // Docker keeps the host's own namespace there as "default"; it is served only if the user names it.
            if (identity is null || identity == own || IsKnown(identity) || _refused.IsGivenUp(path, identity))
                continue;
            try
            {
                ForwardTarget made = ForwardTarget.Open(new ForwardPlace(path, path), options.Format);
                lock (_gate)
                    _targets.Add(made);
                options.Say($"{path} is served from now on");
                _refused.Forget(path);
                news = true;
            }
            catch (IOException e)
            {
                news |= _refused.Note(path, e.Message);
            }
        }
        _refused.ForgetAllBut(paths);
        return true;
    }

    private bool IsKnown(FileIdentity? identity)
    {
        lock (_gate)
            return _targets.Exists(target => target.Identity == identity) || _dropped.Exists(one => one.Target.Identity == identity);
    }
}
