using System.Collections.Concurrent;

namespace UeventManager.Commands.Forwarding;

/// <summary>All namespaces that are told. Any thread may call; what one namespace refuses holds up no other.</summary>
internal sealed class ForwardTargets(ForwardOptions options) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly List<ForwardTarget> _targets = [];
    private readonly ConcurrentDictionary<string, string> _refused = new(StringComparer.Ordinal);

    /// <summary>True once udevd was heard in a namespace: to be told apart from namespaces that are gone.</summary>
    public bool MetUdevd { get; private set; }

    /// <summary>Opens those that were named, and those that are there by now.</summary>
    /// <exception cref="IOException">One that was named may not be told.</exception>
    public void Open()
    {
        foreach (ForwardPlace place in options.Places)
            _targets.Add(ForwardTarget.Open(place, options.Format));
        if (options.Watch is not null)
            Scan();
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
        using FileSystemWatcher? watcher = options.Watch is { } directory ? new FileSystemWatcher(directory) : null;
        if (watcher is not null)
        {
            watcher.Created += (_, _) => changed.Release();
            watcher.Deleted += (_, _) => changed.Release();
            watcher.EnableRaisingEvents = true;
        }
        TimeSpan delay = Shortest;
        while (Prune())
        {
            // A file that is there and no namespace yet becomes one when `ip netns add` mounts it, of which nobody is told.
            delay = watcher is not null && Scan() ? Shortest : delay * 2;
            delay = delay < Longest ? delay : Longest;
            await changed.WaitAsync(delay, cancel).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (ForwardTarget target in _targets)
                Close(target);
            _targets.Clear();
        }
    }

    // False once there is nobody left to tell.
    private bool Prune()
    {
        lock (_gate)
        {
            foreach (ForwardTarget target in _targets.ToArray())
            {
                if (target.Losses() is { } losses)
                    options.Say(losses);
                bool isUdevd = target.HearsUdevd();
                if (isUdevd || !target.IsThere())
                    Drop(target, isUdevd);
            }
            return options.Watch is not null || _targets.Count > 0;
        }
    }

    private void Close(ForwardTarget target)
    {
        if (target.Sum() is { } sum)
            options.Say(sum);
        target.Dispose();
    }

    private void Drop(ForwardTarget target, bool isUdevd)
    {
        options.Say(isUdevd
            ? $"{target.Place.Name}: udevd tells it too, and clients would hear everything twice; no longer told (stop udevd there, or forward to it with --format kernel)"
            : $"{target.Place.Name} is gone");
        MetUdevd |= isUdevd;
        _targets.Remove(target);
        Close(target);
        if (isUdevd && target.Place.Path is { } path)
            _refused[path] = "udevd";
    }

    // True if something has changed, or is about to.
    private bool Scan()
    {
        bool news = false;
        var own = FileIdentity.Follow("/proc/self/ns/net");
        foreach (string path in Directory.EnumerateFiles(options.Watch!).Order(StringComparer.Ordinal))
        {
            FileIdentity? identity = FileIdentity.Follow(path);
            lock (_gate)
            {
                // Docker keeps the host's own there, as "default": that one is told only where it was named.
                if (identity is null || identity == own || _targets.Exists(target => target.Identity == identity))
                    continue;
            }
            try
            {
                ForwardTarget made = ForwardTarget.Open(new ForwardPlace(path, path), options.Format);
                lock (_gate)
                    _targets.Add(made);
                options.Say($"{path} is told from now on");
                _refused.TryRemove(path, out _);
                news = true;
            }
            catch (IOException e)
            {
                // Said once, tried for as long as it is there.
                bool isNew = !_refused.TryGetValue(path, out string? before);
                if (isNew || (before != e.Message && before != "udevd"))
                {
                    _refused[path] = e.Message;
                    news = true;
                    if (!isNew)
                        options.Say(e.Message);
                }
            }
        }
        foreach (string gone in _refused.Keys.Where(static path => !File.Exists(path)).ToArray())
            _refused.TryRemove(gone, out _);
        return news;
    }
}
