using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Dispatch;

/// <summary>Any client may send a filter, and every event is matched against it, so its cost is bounded.</summary>
public sealed class DeviceFilterTests
{
    [Theory]
    [InlineData(256, "name", true)]
    [InlineData(257, "name", false)]
    [InlineData(256, "prefix-*", true)]
    [InlineData(256, "dm-[0-9]?*", true)]
    [InlineData(32, "*a*", true)]
    [InlineData(33, "*a*", false)]
    public void A_list_of_patterns_costs_by_its_stars(int count, string pattern, bool isAffordable)
    {
        List<Glob> globs = [.. Enumerable.Repeat(Glob.Parse(pattern), count)];
        Assert.Equal(isAffordable, new DeviceFilter { Subsystems = globs }.IsAffordable);
        Assert.Equal(isAffordable, new DeviceFilter { DevTypes = globs }.IsAffordable);
        Assert.Equal(isAffordable, new DeviceFilter { DevPaths = globs }.IsAffordable);
        Assert.Equal(isAffordable, new DeviceFilter { SysNames = globs }.IsAffordable);
        Assert.Equal(isAffordable, new DeviceFilter { Actions = globs }.IsAffordable);
    }

    [Fact]
    public void The_cost_of_all_lists_is_added_up()
    {
        List<Glob> half = [.. Enumerable.Repeat(Glob.Parse("*a*"), 16)];
        Assert.True(new DeviceFilter { SysNames = half, DevPaths = half }.IsAffordable);
        Assert.False(new DeviceFilter { SysNames = half, DevPaths = half, Properties = [new("A"u8.ToArray(), Glob.Parse("*a*"))] }.IsAffordable);
    }

    [Fact]
    public void A_long_pattern_counts_for_each_64_characters()
    {
        var pattern = Glob.Parse("*" + new string('a', 64 * 4) + "*");
        Assert.True(new DeviceFilter { SysNames = [.. Enumerable.Repeat(pattern, 6)] }.IsAffordable);
        Assert.False(new DeviceFilter { SysNames = [.. Enumerable.Repeat(pattern, 7)] }.IsAffordable);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void A_filter_may_have_this_many_properties(int count, bool isAffordable) =>
        Assert.Equal(isAffordable, new DeviceFilter { Properties = [.. Enumerable.Range(0, count).Select(i => KeyValuePair.Create(new[] { (byte)('A' + i) }, Glob.Parse("!x")))] }.IsAffordable);

    [Fact]
    public void Properties_and_variables_count_together()
    {
        static List<KeyValuePair<byte[], Glob>> Some(int count) => [.. Enumerable.Range(0, count).Select(i => KeyValuePair.Create(new[] { (byte)('A' + i) }, Glob.Parse("x")))];
        Assert.True(new DeviceFilter { Properties = Some(16), Variables = Some(16) }.IsAffordable);
        Assert.False(new DeviceFilter { Properties = Some(16), Variables = Some(17) }.IsAffordable);
        Assert.False(new DeviceFilter { Tags = [.. Enumerable.Repeat(Glob.Parse("*a*"), 33)] }.IsAffordable);
    }

    [Theory]
    [InlineData("RESIZE", "1", true)]
    [InlineData("RESIZE", "!1", false)]
    [InlineData("HOTPLUG", "!1", true)]
    [InlineData("HOTPLUG", "*", false)]
    [InlineData("DM_NAME", "vg/*", true)]
    [InlineData("ACTION", "change", true)]
    public void A_variable_is_what_the_event_carries(string key, string pattern, bool isWanted)
    {
        var filter = new DeviceFilter { Variables = [new(System.Text.Encoding.ASCII.GetBytes(key), Glob.Parse(pattern, GlobSubject.Value))] };
        var view = new DeviceView { Path = "/devices/a"u8, Subsystem = "block" };
        Assert.Equal(isWanted, filter.Wants(view, Core.Uevents.UeventAction.Change, "ACTION=change\0RESIZE=1\0DM_NAME=vg/a/b\0"u8));
        Assert.True(filter.Wants(view), "it selects no devices");
        Assert.False((filter with { Actions = [Glob.Parse("add")] }).Wants(view, Core.Uevents.UeventAction.Change, "RESIZE=1\0DM_NAME=vg/a/b\0"u8));
    }

    [Theory]
    [InlineData("mode", "fast", true)]
    [InlineData("mode", "f*", true)]
    [InlineData("mode", "slow", false)]
    [InlineData("mode", "!slow", true)]
    [InlineData("path", "/a/*", true)]
    [InlineData("none", "*", false)]
    [InlineData("none", "!x", true)]
    public void An_attribute_is_what_the_rule_attached(string path, string pattern, bool isWanted) => Assert.Equal(isWanted, new DeviceFilter { Attributes = [new(path, Glob.Parse(pattern, GlobSubject.Value))] }
        .Wants(new DeviceView { Path = "/devices/a"u8, Subsystem = "block", Findings = Core.Ordering.Findings.None with { Attributes = [new("mode", "fast"), new("path", "/a/b/c")] } }));

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData(":")]
    [InlineData("/")]
    [InlineData("net:[")]
    public void An_invalid_ancestor_pattern_is_refused(string pattern) => Assert.Throws<FormatException>(() => ParentPattern.Parse(pattern));

    [Theory]
    [InlineData("TAGS=:systemd:seat:", "seat", true)]
    [InlineData("TAGS=:systemd:seat:", "sea", false)]
    [InlineData("TAGS=:systemd:seat:", "s*", true)]
    [InlineData("TAGS=:systemd:seat:", "!seat", false)]
    [InlineData("TAGS=:systemd:", "!seat", true)]
    [InlineData("TAGS=::", "*", false)]
    [InlineData("A=1", "*", false)]
    [InlineData("A=1", "!seat", true)]
    public void A_tag_filter_uses_udevs_tags(string properties, string pattern, bool isWanted) => Assert.Equal(isWanted, new DeviceFilter { Tags = [Glob.Parse(pattern)] }
        .Wants(new DeviceView { Path = "/devices/a"u8, Subsystem = "block", OwnProperties = System.Text.Encoding.ASCII.GetBytes(properties + "\0") }));

    [Theory]
    [InlineData("/devices/virtual/net/veth0", true)]
    [InlineData("/devices/virtual/net/\u00e4", false)]
    public void A_filter_matches_the_text_that_subscribers_see(string path, bool isWanted)
    {
        var filter = new DeviceFilter { DevPaths = [Glob.Parse("/devices/*/net/veth?"), Glob.Parse("**/" + new string('x', 300) + "/\\xff")], SysNames = [Glob.Parse("veth*"), Glob.Parse("\\xff")] };
        Assert.Equal(isWanted, filter.Wants(new DeviceView { Path = System.Text.Encoding.UTF8.GetBytes(path), Subsystem = "net" }));
        byte[] odd = [.. System.Text.Encoding.UTF8.GetBytes("/devices/" + new string('x', 300) + "/"), 0xff];
        Assert.True(filter.Wants(new DeviceView { Path = odd, Subsystem = "net" }));
    }

    [Theory]
    [InlineData("net", "eth0", "add", true, true)]
    [InlineData("net", "eth0", "change", true, false)]
    [InlineData("net", "lo", "change", true, true)]
    [InlineData("block", "sda", "add", true, false)]
    [InlineData("block", "sda", "remove", true, true)]
    [InlineData("usb", "1-1", "remove", false, true)] // It has left all of them, and one hears removes.
    public void The_matching_alternative_selects_the_events(string subsystem, string name, string action, bool fits, bool isHeard)
    {
        static DeviceFilter Of(string subsystem, string? name, string? action) => new()
        {
            Subsystems = [Glob.Parse(subsystem)],
            SysNames = name is null ? null : [Glob.Parse(name)],
            Actions = action is null ? null : [Glob.Parse(action)],
        };
        var filter = new DeviceFilter { Alternatives = [Of("net", "eth*", "add"), Of("net", "lo", null), Of("block", null, "remove")] };
        Assert.True(Core.Uevents.UeventActions.TryParse(System.Text.Encoding.ASCII.GetBytes(action), out var told));
        var view = new DeviceView { Path = System.Text.Encoding.ASCII.GetBytes("/devices/" + name), Subsystem = subsystem };
        Assert.Equal(fits, filter.Wants(view));
        Assert.Equal(isHeard, filter.Wants(view, told, default));
        // What is asked besides is required of all of them.
        Assert.False((filter with { DevTypes = [Glob.Parse("x")] }).Wants(view));
        Assert.False((filter with { Actions = [Glob.Parse("move")] }).Wants(view, told, default));
    }

    [Fact]
    public void Alternatives_count_with_their_patterns_and_their_depth()
    {
        static DeviceFilter Nested(int depth) => depth == 0 ? new DeviceFilter() : new DeviceFilter { Alternatives = [Nested(depth - 1)] };
        List<Glob> half = [.. Enumerable.Repeat(Glob.Parse("*a*"), 16)];
        Assert.True(Nested(8).IsAffordable);
        Assert.False(Nested(9).IsAffordable);
        Assert.True(new DeviceFilter { Alternatives = [.. Enumerable.Repeat(new DeviceFilter(), 64)] }.IsAffordable);
        Assert.False(new DeviceFilter { Alternatives = [.. Enumerable.Repeat(new DeviceFilter(), 65)] }.IsAffordable);
        Assert.False(new DeviceFilter { Alternatives = [new DeviceFilter { Alternatives = [.. Enumerable.Repeat(new DeviceFilter(), 64)] }] }.IsAffordable);
        Assert.True(new DeviceFilter { SysNames = half, Alternatives = [new DeviceFilter { SysNames = half }] }.IsAffordable);
        Assert.False(new DeviceFilter { SysNames = half, Alternatives = [new DeviceFilter { SysNames = half, Tags = half }] }.IsAffordable);
        Assert.Equal(1 + 4, new DeviceFilter { Alternatives = [.. Enumerable.Repeat(new DeviceFilter(), 64)] }.Steps);
    }

    [Fact]
    public void A_copy_of_a_filter_is_judged_by_its_own_members()
    {
        var filter = new DeviceFilter { Subsystems = [Glob.Parse("net")] };
        Assert.True(filter.IsOfTag);
        Assert.Equal(1, filter.Steps);
        var other = filter with { Alternatives = [new DeviceFilter { SysNames = [.. Enumerable.Repeat(Glob.Parse("*a*"), 8)] }] };
        Assert.False(other.IsOfTag);
        Assert.True(other.CanChange);
        Assert.Equal(9, other.Steps);
        Assert.False(filter.AsksParents);
        Assert.True(new DeviceFilter { Alternatives = [new DeviceFilter { Parents = [ParentPattern.Parse("usb")] }] }.AsksParents);
    }
}
