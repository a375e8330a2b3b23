using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// A filter's pattern for an ancestor: <c>SUBSYSTEM[/DEVTYPE][:SYSNAME]</c>, each part a pattern, and an empty part matches everything. A leading
/// <c>!</c> requires that no known ancestor matches.
/// </summary>
public sealed class ParentPattern
{
    // Nearly every name is shorter; a longer text costs a string.
    private const int ShortText = 256;

    private readonly bool _negated;
    private readonly Glob? _subsystem;
    private readonly Glob? _devType;
    private readonly Glob? _sysName;

    private ParentPattern(bool negated, Glob? subsystem, Glob? devType, Glob? sysName) =>
        (_negated, _subsystem, _devType, _sysName) = (negated, subsystem, devType, sysName);

    /// <summary>Its patterns, for their cost.</summary>
    internal IEnumerable<Glob> Globs => new[] { _subsystem, _devType, _sysName }.OfType<Glob>();

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">The pattern is not valid.</exception>
    public static ParentPattern Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var negated = text.StartsWith('!');
        var kind = negated ? text[1..] : text;
        // A sysname may contain colons, a subsystem cannot.
        var colon = kind.IndexOf(':');
        var sysName = colon < 0 ? null : PatternOf(kind[(colon + 1)..], GlobSubject.Path);
        kind = colon < 0 ? kind : kind[..colon];
        var slash = kind.IndexOf('/');
        var devType = slash < 0 ? null : PatternOf(kind[(slash + 1)..], GlobSubject.Value);
        var subsystem = PatternOf(slash < 0 ? kind : kind[..slash], GlobSubject.Path);
        if (subsystem is null && devType is null && sysName is null)
            throw new FormatException("it is empty");
        return new ParentPattern(negated, subsystem, devType, sysName);
    }

    /// <summary>Whether a device's ancestors match.</summary>
    internal bool Matches(in DeviceView view)
    {
        var found = false;
        for (var above = new AncestryReader(view.Above, view.Path); !found && above.MoveNext();)
        {
            found = Matches(_subsystem, above.Subsystem)
                && (_devType is null || (above.DevType.IsEmpty ? _devType.Matches(null) : Matches(_devType, above.DevType)))
                && Matches(_sysName, above.SysName);
        }
        return found != _negated;
    }

    private static Glob? PatternOf(string text, GlobSubject subject) => text.Length == 0 ? null : Glob.Parse(text, subject);

    private static bool Matches(Glob? glob, ReadOnlySpan<byte> text)
    {
        if (glob is null)
            return true;
        Span<char> buffer = stackalloc char[ShortText];
        return glob.Matches(KernelText.Decode(text, buffer));
    }
}
