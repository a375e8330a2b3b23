using UeventManager.Commands.Arguments;
using UeventManager.Tests.Commands.Acting;

namespace UeventManager.Tests.Commands.Arguments;

/// <summary>Other programs read formatted lines: a wrong placeholder is refused, and no device's name can start a second line.</summary>
public sealed class LineTemplateTests
{
    [Theory]
    [InlineData("{action} {devpath} {DEVNAME}", "add /devices/pci/e\\x0athernet sd\\x1ba")]
    [InlineData("{property:odd-name}/{attribute:a}/{link:driver}/{devnode}.", "x///.")]
    [InlineData("{{{sysname}}}", "{e\\x0athernet}")]
    [InlineData("a\\tb\\nc\\\\d\\e", "a\tb\nc\\d\\e")]
    [InlineData("{{}}", "{}")]
    public void Placeholders_are_filled_in_and_values_stay_one_line(string text, string expected)
    {
        var one = ActionTestEvents.Event("add", "/devices/pci/e\nthernet", null, "7", ("DEVNAME", "sd\ea"), ("odd-name", "x"));
        Assert.Null(LineTemplate.TryParse(text, EventFields.OfEvents, out LineTemplate template));
        Assert.Equal(expected, template.Format(name => EventFields.Value(name, one.Device, one, "/sys")));
    }

    [Theory]
    [InlineData("{devnod}", "'{devnod}' is not a placeholder (did you mean '{devnode}'? known: {devpath}, {syspath}, {sysname}, {subsystem}, {devtype}, {devnode}, {driver}, {parent}, {rule}, {settled}, {missing}, {tags}, {NAME} for a property, {property:NAME}, {attribute:PATH}, {link:PATH})")]
    [InlineData("{action}", "'{action}' is not a placeholder (known: {devpath}, {syspath}, {sysname}, {subsystem}, {devtype}, {devnode}, {driver}, {parent}, {rule}, {settled}, {missing}, {tags}, {NAME} for a property, {property:NAME}, {attribute:PATH}, {link:PATH})")]
    [InlineData("{}", "'{}' is not a placeholder (known: {devpath}, {syspath}, {sysname}, {subsystem}, {devtype}, {devnode}, {driver}, {parent}, {rule}, {settled}, {missing}, {tags}, {NAME} for a property, {property:NAME}, {attribute:PATH}, {link:PATH})")]
    [InlineData("{sysname", "a '{' is not closed (write '{{' for a literal one)")]
    [InlineData("sysname}", "a '}' without its '{' (write '}}' for a literal one)")]
    [InlineData("", "an empty template (leave the option out for the default layout)")]
    public void A_mistake_is_named_with_what_is_known(string text, string wrong) => Assert.Equal(wrong, LineTemplate.TryParse(text, EventFields.OfDevices, out _));

    [Fact]
    public void Every_name_that_is_known_has_a_value_where_the_event_has_one()
    {
        var one = ActionTestEvents.Event("move", "/devices/a", "/devices/b", "7", ("TAGS", ":x:y:"));
        one = one with
        {
            Seqnum = 9,
            Group = new UeventManager.Client.UeventGroup { Id = "g", Size = 1, Partial = false },
            Device = one.Device with { DevType = "t", DevNode = "/dev/a", Driver = "d", Parent = "/devices", Rule = "r", Missing = ["m"] },
        };
        foreach (string name in EventFields.OfEvents)
            Assert.False(string.IsNullOrEmpty(EventFields.Value(name, one.Device, one, "/sys")), name);
    }
}
