using System.Diagnostics;
using UeventManager.Netlink;

namespace UeventManager.Commands.Forwarding;

/// <summary>Namespaces of a watched directory that are not told, and why. One thread uses it.</summary>
/// <param name="say">Writes one line for people.</param>
internal sealed class RefusedNamespaces(Action<string> say) : IDisposable
{
    // What is only in the making (a file that no namespace is mounted over yet, a container whose first process is still to come) is not a refusal.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Refusal> _refusals = new(StringComparer.Ordinal);

    /// <summary>
    /// Gives a namespace up: udevd tells it. Nothing shows from outside that it does so no more. It is kept open for as long as its name is there, since
    /// the next namespace would get its number.
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

    /// <summary>Whether this very namespace was given up.</summary>
    public bool IsGivenUp(string path, FileIdentity? identity) =>
        _refusals.TryGetValue(path, out Refusal? refusal) && refusal.GivenUp is { } given && given.Identity == identity;

    /// <summary>Notes that one may not be told. It is tried again for as long as it is there, and said once that stays so.</summary>
    /// <returns>True if that is news.</returns>
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
        say($"{reason}; not told (tried again for as long as it is there)");
        _refusals[path] = refusal with { IsSaid = true };
        return false;
    }

    /// <summary>It is told now, or another one has its name.</summary>
    public void Forget(string path)
    {
        if (_refusals.Remove(path, out Refusal? refusal))
            refusal.GivenUp?.Dispose();
    }

    /// <summary>Forgets those that are gone.</summary>
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
