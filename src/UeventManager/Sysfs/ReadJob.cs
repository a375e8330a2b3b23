using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>Questions of one look that may block.</summary>
/// <param name="LookId">Names the look; comes back with the answers.</param>
/// <param name="Device">The device's directory; the readers keep it open as long as they need it.</param>
/// <param name="Identity">The device's identity.</param>
/// <param name="Queries">What to answer, in this order.</param>
internal sealed record ReadJob(long LookId, DeviceDirectory Device, DeviceIdentity Identity, IReadOnlyList<SysfsQuery> Queries);
