using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>Without these the checker of the daemon's replies could pass everything.</summary>
public sealed class ReplyCheckerTests
{
    private const string Get = "org.ueventmanager.Devices.Get";
    private static readonly VarlinkInterface Devices = EmbeddedInterfaces.Read("org.ueventmanager.Devices");

    [Theory]
    [InlineData("""{"parameters":{"device":{"devpath":"/devices/a","subsystem":"net","sysname":"a","settled":true,"properties":{"A":"b"}}}}""")]
    [InlineData("""{"error":"org.ueventmanager.Devices.NoSuchDevice","parameters":{"device":"x"}}""")]
    [InlineData("""{"error":"org.varlink.service.PermissionDenied"}""")]
    public void ARightReplyPasses(string frame) => ReplyChecker.Check(Devices, Get, frame);

    [Theory]
    [InlineData("""{"parameters":{"device":{"devpath":"/devices/a","subsystem":"net","sysname":"a","settled":true}}}""")]
    [InlineData("""{"parameters":{},"bogus":1}""")]
    [InlineData("""{"parameters":{"devices":[]}}""")]
    [InlineData("""{"error":"org.ueventmanager.Devices.NoSuchDevice"}""")]
    [InlineData("""{"error":"org.ueventmanager.Control.NoSuchDevice","parameters":{"device":"x"}}""")]
    public void AWrongOneDoesNot(string frame) => Assert.ThrowsAny<Exception>(() => ReplyChecker.Check(Devices, Get, frame));
}
