using UeventManager.Client;
using UeventManager.Commands.Acting;

namespace UeventManager.Tests.Commands.Acting;

/// <summary>The arguments and the environment that a program gets for an event.</summary>
public sealed class ActionArgumentsTests
{
    private static readonly ActionRequest Request = new("add", ActionTestEvents.Event("add", "/devices/pci/eth0", null, "7", ("IFINDEX", "3"), ("PATH", "/evil"), ("LD_PRELOAD", "x"), ("odd-name", "x"), ("ID_x", "y")) with
    {
        Device = ActionTestEvents.Device("/devices/pci/eth0", ("IFINDEX", "3"), ("PATH", "/evil"), ("LD_PRELOAD", "x"), ("odd-name", "x"), ("ID_x", "y")) with
        {
            Attributes = new Dictionary<string, string> { ["a/b"] = "value" },
            Missing = ["link: driver"],
        },
        Group = new UeventGroup { Id = "g", Size = 2, Partial = true },
    }, null, "7", false);

    [Theory]
    [InlineData("worker@{sysname}", "worker@eth0")]
    [InlineData("{action}:{devpath}:{subsystem}:{IFINDEX}", "add:/devices/pci/eth0:test:3")]
    [InlineData("{syspath}/mtu", "/sys/devices/pci/eth0/mtu")]
    [InlineData("{attribute:a/b}{link:driver}{NOTHING}", "value")]
    [InlineData("{{devpath}}", "{devpath}")]
    [InlineData("${ACTION} ${sysname}", "${ACTION} ${sysname}")]
    [InlineData("{\"text\": \"{sysname}\", \"in\": {\"a\": {}}}", "{\"text\": \"eth0\", \"in\": {\"a\": {}}}")]
    [InlineData("{print $1}", "{print $1}")]
    public void Placeholders_are_filled_in_and_other_braces_left_alone(string argument, string expected)
    {
        Assert.Null(ActionArguments.Mistake(argument));
        Assert.Equal(expected, ActionArguments.Fill(argument, Request, "/sys/"));
    }

    [Theory]
    [InlineData("{devpth}", "did you mean '{devpath}'?")]
    [InlineData("a {nonsense}", "write {{nonsense}} if it stands for itself")]
    public void A_mistyped_placeholder_is_refused_with_a_hint(string argument, string hint) => Assert.Contains(hint, ActionArguments.Mistake(argument), StringComparison.Ordinal);

    [Fact]
    public void The_environment_has_the_properties_and_what_is_known_of_the_event_but_decides_nothing()
    {
        Dictionary<string, string> variables = ActionEnvironment.Of(Request, 2).ToDictionary(static pair => pair.Key, static pair => pair.Value);
        Assert.Equal(
            [
                "ACTION=add", "DEVPATH=/devices/pci/eth0", "ID_x=y", "IFINDEX=3", "SUBSYSTEM=test", "SYSNAME=eth0", "UEVENT_MANAGER_ATTEMPT=2", "UEVENT_MANAGER_CURSOR=7",
                "UEVENT_MANAGER_GROUP=g", "UEVENT_MANAGER_GROUP_PARTIAL=1", "UEVENT_MANAGER_GROUP_SIZE=2", "UEVENT_MANAGER_MISSING=link: driver", "UEVENT_MANAGER_SETTLED=1",
            ],
            variables.Select(static pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_program_started_by_run_may_call_ueventctl()
    {
        foreach (string variable in ActionEnvironment.Of(Request, 1).Select(static pair => pair.Key).Where(static name => name.StartsWith("UEVENT_MANAGER_", StringComparison.Ordinal)))
            Assert.Contains(variable["UEVENT_MANAGER_".Length..], UeventManager.Commands.Arguments.Configuration.OfPrograms);
    }
}
