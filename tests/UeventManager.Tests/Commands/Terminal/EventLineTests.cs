using UeventManager.Client;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Commands.Terminal;

/// <summary>Without these a person misreads what happened, or a device's name takes over the terminal.</summary>
public sealed class EventLineTests
{
    private static readonly UeventDevice Device = new()
    {
        DevPath = "/devices/virtual/net/veth0",
        Subsystem = "net",
        SysName = "veth0",
        Settled = true,
        Properties = new Dictionary<string, string>(),
    };

    private static readonly UeventEvent Event = new()
    {
        Cursor = "1",
        Action = "add",
        Device = Device,
        Synthetic = false,
        ArrivedUsec = 9_000_000,
        SettledUsec = 9_002_500,
    };

    private readonly EventLine _plain = new(new EventClock(new FixedTime()), Palette.None);

    [Fact]
    public void ALineIsAligned() => Assert.Equal("12:00:09.002  add       2.50 ms  net           veth0", _plain.Format(Event));

    [Fact]
    public void AttachedValuesComeLast()
    {
        UeventEvent value = Event with
        {
            Action = "move",
            OldDevPath = "/devices/virtual/net/old",
            Synthetic = true,
            Group = new UeventGroup { Id = "g", Size = 3, Partial = true },
            Device = Device with
            {
                Missing = ["link driver"],
                Attributes = new Dictionary<string, string> { ["mdev_type/name"] = "a b" },
                Links = new Dictionary<string, string> { ["driver"] = "veth" },
            },
        };
        Assert.Equal(
            "12:00:09.002  move      2.50 ms  net           veth0             was /devices/virtual/net/old  without link driver  "
            + "mdev_type/name=a b  driver→veth  group of 3, partial  synthetic",
            _plain.Format(value));
        Assert.Contains(
            "unsettled, missing link driver", _plain.Format(value with { Device = value.Device with { Settled = false } }), StringComparison.Ordinal);
    }

    [Fact]
    public void LongValuesAreNeitherCutNorWrapped()
    {
        string name = new('x', 500);
        Assert.EndsWith("  " + name, _plain.Format(Event with { Device = Device with { SysName = name } }), StringComparison.Ordinal);
    }

    [Fact]
    public void ColourIsGivenToTheActionAlone()
    {
        var colored = new EventLine(new EventClock(new FixedTime()), new Palette(true));
        Assert.Equal(
            "\e[2m12:00:09.002\e[0m  \e[32madd    \e[0m   2.50 ms  net           \e[1mveth0           \e[0m", colored.Format(Event));
    }

    [Theory]
    [InlineData("a\e[2Jb", "a\\x1b[2Jb")]
    [InlineData("a\nb\0\x7f", "a\\x0ab\\x00\\x7f")]
    [InlineData("a\u009bb", "a\\x9bb")]
    [InlineData("a\u202eb\u2028", "a\\u{202e}b\\u{2028}")]
    [InlineData("äé😀", "äé😀")]
    [InlineData("\\x1b", "\\x1b")]
    public void ControlCharactersAreEscaped(string name, string shown)
    {
        Assert.Equal(shown, Printable.Text(name));
        Assert.Contains(shown, _plain.Format(Event with { Action = name, Device = Device with { Subsystem = name, SysName = name } }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-5, "0.00 ms")]
    [InlineData(0, "0.00 ms")]
    [InlineData(51, "0.05 ms")]
    [InlineData(9_994, "9.99 ms")]
    [InlineData(9_996, "10.0 ms")]
    [InlineData(123_456, "123.5 ms")]
    [InlineData(999_960, "1.00 s")]
    [InlineData(61_250_000, "61.25 s")]
    public void WaitsHaveAUnit(long usec, string shown) => Assert.Equal(shown, EventLine.Waited(usec));

    [Fact]
    public void TheKernelsOwnEventsLookAlike() => Assert.Equal(
        "12:00:09.000  add        kernel  net           veth0             /devices/virtual/net/veth0",
        _plain.Format(new KernelUevent("add", Device.DevPath, "net", 5, 9_000_000, [])));
}
