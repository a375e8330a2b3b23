namespace UeventManager.Commands.Forwarding;

/// <summary>All namespaces that are told. Any thread may call; what one namespace refuses holds up no other.</summary>
internal sealed class ForwardTargets(ForwardOptions options) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly List<ForwardTarget> _targets = [];
    private readonly List<(ForwardTarget Target, bool IsUdevd)> _dropped = [];
    private readonly RefusedNamespaces _refused = new(options.Say);

    /// <summary>True once udevd was heard in a namespace: to be told apart from namespaces that are gone.</summary>
    public bool MetUdevd { get; private set; }

    /// <summary>Opens those that were named, and those that are there by now.</summary>
    /// <exception cref="IOException">One that was named may not be told.</exception>
    public void Open()
    {
        foreach (ForwardPlace place in options.Places)
            _targets.Add(ForwardTarget.Open(place, options.Format));
        if (options.Watch is { } directory && !Scan(directory, out _))
            options.Say($"{directory}: there is no such directory yet; waiting for it");
    }

    /// <summary>Sends one message to all.</summary>
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

    /// <summary>Tells no namespace any more in which udevd is heard.</summary>
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

    /// <summary>Why events of a daemon may not be told here, or null: it would hear what it sends.</summary>
    /// <param name="listenerPid">The daemon's process; 0 if it cannot be seen.</param>
    public string? RefusalOf(int listenerPid)
    {
        if (options.Format != ForwardFormat.Kernel || listenerPid == 0 || FileIdentity.Follow($"/proc/{listenerPid}/ns/net") is not { } heard)
            return null;
        lock (_gate)
        {
            return _targets.Find(target => target.Identity == heard) is { } target
                ? $"{target.Place.Name}: the daemon listens there to the kernel and would hear its own events again (name another namespace, or --format libudev)"
                : null;
        }
    }

    /// <summary>Looks after namespaces that come and go. Ends once there is none left and none can come.</summary>
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
                    // Watched before it is read: what comes in between is not missed.
                    watcher ??= Watcher(directory, changed);
                    if (!Scan(directory, out news))
                    {
                        watcher?.Dispose();
                        watcher = null;
                    }
                }
                // A file that is there and no namespace yet becomes one when `ip netns add` mounts it, of which nobody is told.
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

    // False once there is nobody left to tell.
    private bool Prune()
    {
        ForwardTarget[] all;
        lock (_gate)
            all = [.. _targets];
        // Not while an event waits to be sent: the kernel's list of a namespace's sockets may be long.
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
            // In one step: what is neither told nor dropped nor refused is opened anew.
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

    // Closed by the thread that watches: it may be counting what was lost there.
    private void Drop(ForwardTarget target, bool isUdevd)
    {
        options.Say(isUdevd
            ? $"{target.Place.Name}: udevd tells it too, and clients would hear everything twice; no longer told (stop udevd there and start this again, or forward to it with --format kernel)"
            : $"{target.Place.Name} is gone");
        MetUdevd |= isUdevd;
        _targets.Remove(target);
        _dropped.Add((target, isUdevd));
    }

    // False if there is no such directory. News: something has changed, or is about to.
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
            // Docker keeps the host's own there, as "default": that one is told only where it was named.
            if (identity is null || identity == own || IsKnown(identity) || _refused.IsGivenUp(path, identity))
                continue;
            try
            {
                ForwardTarget made = ForwardTarget.Open(new ForwardPlace(path, path), options.Format);
                lock (_gate)
                    _targets.Add(made);
                options.Say($"{path} is told from now on");
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
