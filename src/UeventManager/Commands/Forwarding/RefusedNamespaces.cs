using System.Diagnostics;
using UeventManager.Netlink;

namespace UeventManager.Commands.Forwarding;

/// <summary>The namespaces of a watched directory that cannot be served, with the reasons. One thread uses it.</summary>
/// <param name="say">Writes a line to the log.</param>
internal sealed class RefusedNamespaces(Action<string> say) : IDisposable
{
    // A namespace in the making is not refused yet: its file may not be mounted over yet, or its container may have no process yet.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Refusal> _refusals = new(StringComparer.Ordinal);

    /// <summary>
    /// Gives a namespace up because udevd sends there; nothing shows from outside when udevd stops. The namespace is kept open while its name exists,
    /// because otherwise the next namespace could get its inode number.
    /// </summary>
    public void GiveUp(string path, FileIdentity? identity)
    {
        NamespaceFile file;
        try
        {
            file = NamespaceFile.Open(path);
        }
        catch (IOException)
        {
            return; // It is gone.
        }
        Forget(path);
        if (file.Identity == identity)
            _refusals[path] = new Refusal("", 0, true, file);
        else
            file.Dispose();
    }

    /// <summary>Whether this namespace, not only its name, was given up.</summary>
    public bool IsGivenUp(string path, FileIdentity? identity) =>
        _refusals.TryGetValue(path, out Refusal? refusal) && refusal.GivenUp is { } given && given.Identity == identity;

    /// <summary>Notes that a namespace cannot be served. It is tried again while it exists, and reported once the error persists.</summary>
    /// <returns>True if this is new.</returns>
    public bool Note(string path, string reason)
    {
        if (!_refusals.TryGetValue(path, out Refusal? refusal) || refusal.Reason != reason)
        {
            Forget(path);
            _refusals[path] = new Refusal(reason, Stopwatch.GetTimestamp(), false, null);
            return true;
        }
        if (refusal.IsSaid || Stopwatch.GetElapsedTime(refusal.Since) < Grace)
            return false;
        say($"{reason}; not served (tried again while it exists)");
        _refusals[path] = refusal with { IsSaid = true };
        return false;
    }

    /// <summary>The namespace is served now, or its name belongs to another one.</summary>
    public void Forget(string path)
    {
        if (_refusals.Remove(path, out Refusal? refusal))
            refusal.GivenUp?.Dispose();
    }

    /// <summary>Forgets namespaces that are gone.</summary>
    public void ForgetAllBut(IReadOnlyCollection<string> paths)
    {
        if (_refusals.Count == 0)
            return;
        foreach (string gone in _refusals.Keys.Except(paths).ToArray())
            Forget(gone);
    }

    /// <inheritdoc/>
    public void Dispose() => ForgetAllBut([]);

    private sealed record Refusal(string Reason, long Since, bool IsSaid, NamespaceFile? GivenUp);
}
