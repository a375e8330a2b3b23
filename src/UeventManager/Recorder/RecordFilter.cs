using UeventManager.Client;
using UeventManager.Core.Rules;

namespace UeventManager.Recorder;

/// <summary>Selects the devices to record.</summary>
internal sealed class RecordFilter
{
    private readonly Fit? _fit;

    /// <param name="filter">The filter; null for all devices.</param>
    public RecordFilter(DeviceFilter? filter) => _fit = filter is null ? null : new Fit(filter);

    /// <summary>True if all devices are selected.</summary>
    public bool IsAll => _fit is null;

    /// <summary>Whether a device is selected.</summary>
    /// <param name="subsystem">Its subsystem.</param>
    /// <param name="devPath">Its devpath.</param>
    /// <param name="property">Returns a property of the device.</param>
    public bool Wants(string subsystem, string devPath, Func<string, string?> property) => _fit?.Wants(subsystem, devPath, property) ?? true;

    private sealed class Fit(DeviceFilter filter)
    {
        private readonly Glob[] _subsystems = Globs(filter.Subsystems, GlobSubject.Path);
        private readonly Glob[] _devTypes = Globs(filter.DevTypes, GlobSubject.Value);
        private readonly Glob[] _devPaths = Globs(filter.DevPaths, GlobSubject.Path);
        private readonly Glob[] _sysNames = Globs(filter.SysNames, GlobSubject.Path);
        private readonly (string Key, Glob Glob)[] _properties = [.. filter.Properties.Select(static one => (one.Key, Glob.Parse(one.Value, GlobSubject.Value)))];
        private readonly Fit[] _alternatives = [.. filter.Alternatives.Select(static one => new Fit(one))];

        public bool Wants(string subsystem, string devPath, Func<string, string?> property) =>
            Any(_subsystems, subsystem) && Any(_devPaths, devPath) && Any(_sysNames, devPath[(devPath.LastIndexOf('/') + 1)..])
            && Any(_devTypes, property("DEVTYPE")) && Array.TrueForAll(_properties, one => one.Glob.Matches(property(one.Key)))
            && (_alternatives.Length == 0 || Array.Exists(_alternatives, one => one.Wants(subsystem, devPath, property)));

        private static bool Any(Glob[] globs, string? text) => globs.Length == 0 || Array.Exists(globs, glob => glob.Matches(text));

        private static Glob[] Globs(IReadOnlyList<string> texts, GlobSubject subject) => [.. texts.Select(text => Glob.Parse(text, subject))];
    }
}
