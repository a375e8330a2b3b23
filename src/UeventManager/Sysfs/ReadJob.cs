using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>The questions of one look that may block.</summary>
/// <param name="LookId">The look's id, returned with the answers.</param>
/// <param name="Device">The device's directory; the readers keep it open while they need it.</param>
/// <param name="Identity">The device's identity.</param>
/// <param name="Queries">The questions, in order.</param>
internal sealed record ReadJob(long LookId, DeviceDirectory Device, DeviceIdentity Identity, IReadOnlyList<SysfsQuery> Queries);
