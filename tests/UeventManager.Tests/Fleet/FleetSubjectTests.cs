using UeventManager.Fleet;

namespace UeventManager.Tests.Fleet;

/// <summary>Any name of a host, a subsystem or a devpath becomes one part of a subject, and different names become different parts.</summary>
public sealed class FleetSubjectTests
{
    [Theory]
    [InlineData("plain-1_x", "plain-1_x")]
    [InlineData("a.b", "a=2Eb")]
    [InlineData("/devices/pci0000:00/0000:00:1f.6", "=2Fdevices=2Fpci0000=3A00=2F0000=3A00=3A1f=2E6")]
    [InlineData("*>", "=2A=3E")]
    [InlineData("=2E", "=3D2E")]
    [InlineData("ü", "=C3=BC")]
    public void Any_text_becomes_one_part_of_a_subject_and_back(string text, string part)
    {
        Assert.Equal(part, FleetSubjects.Encode(text));
        Assert.Equal(text, FleetSubjects.Decode(part));
    }

    [Fact]
    public void A_part_that_would_be_too_long_ends_in_its_digest()
    {
        string one = FleetSubjects.Encode("/devices/" + new string('.', 2000) + "a");
        string other = FleetSubjects.Encode("/devices/" + new string('.', 2000) + "b");
        Assert.Equal(1024, one.Length);
        Assert.NotEqual(one, other);
        Assert.All(one, static c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '=' or '_' or '-'));
    }

    [Fact]
    public void A_lease_is_not_taken_for_a_device_of_a_subsystem_called_lease()
    {
        Assert.True(FleetSubjects.IsLease(FleetSubjects.Lease("host.example")));
        Assert.False(FleetSubjects.IsLease(FleetSubjects.Device("host", "net", "lease")));
        Assert.False(FleetSubjects.IsLease(FleetSubjects.Device("host", "lease", "/devices/lease")));
        Assert.Equal("host=2Eexample", FleetSubjects.HostPart(FleetSubjects.Lease("host.example")));
        Assert.Equal("", FleetSubjects.HostPart("other"));
    }
}
