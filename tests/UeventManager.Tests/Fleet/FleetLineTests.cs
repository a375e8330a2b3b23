using System.Text;
using UeventManager.Client;
using UeventManager.Fleet;

namespace UeventManager.Tests.Fleet;

/// <summary>A line of a message has the device as its event had it, without the event's action.</summary>
public sealed class FleetLineTests
{
    [Theory]
    [InlineData("add", "{\"devpath\":\"/devices/x\",\"subsystem\":\"s\",\"sysname\":\"x\",\"settled\":true,\"properties\":{\"DEVPATH\":\"/devices/x\",\"A\":\"\\u0022ü\"},\"attributes\":{\"ACTION\":\"1\"}}")]
    [InlineData("move", "{\"devpath\":\"/devices/x\",\"subsystem\":\"s\",\"sysname\":\"x\",\"settled\":true,\"properties\":{}}")]
    public void The_device_of_an_event_is_the_one_that_is_listed(string action, string json)
    {
        UeventDevice device = FleetJson.ReadDevice(Encoding.UTF8.GetBytes(json))!;
        byte[] listed = UeventJson.Write(device);
        var told = new UeventEvent { Cursor = "c", Action = action, Device = FleetLine.WithAction(device, action), Synthetic = false, ArrivedUsec = 1, SettledUsec = 2 };
        byte[] line = FleetLine.WithHost("ho\"st", UeventJson.Write(told));
        Assert.Equal(Encoding.UTF8.GetString(listed), Encoding.UTF8.GetString(FleetLine.DeviceOf(line)));
        Assert.Equal("/devices/x", FleetLine.DevpathOf(FleetLine.DeviceOf(line)));
        UeventEvent again = FleetLine.TryParse(line)!;
        Assert.Equal(listed, UeventJson.Write(FleetLine.WithoutAction(again.Device)));
        Assert.StartsWith("{\"host\":\"ho\\\"st\",\"cursor\":", Encoding.UTF8.GetString(line), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"device\":1}")]
    [InlineData("nonsense")]
    [InlineData("{\"device\":{\"devpath\":")]
    public void A_line_without_an_event_has_no_device(string line) => Assert.Empty(FleetLine.DeviceOf(Encoding.UTF8.GetBytes(line)));

    [Theory]
    [InlineData("{\"device\":{\"devpath\":\"/x\"}}", "/x")]
    [InlineData("{\"device\":{\"devpath\":1}}", "")]
    [InlineData("{\"device\":{\"devpath\":null,\"subsystem\":null,\"sysname\":null,\"settled\":true,\"properties\":null}}", "")]
    [InlineData("{\"device\":{\"devpath\":\"/x\",\"subsystem\":\"s\",\"sysname\":\"x\",\"settled\":true,\"properties\":{\"A\":null}}}", "/x")]
    [InlineData("{\"cursor\":null,\"action\":null,\"device\":null,\"synthetic\":true,\"arrivedUsec\":1,\"settledUsec\":1}", "")]
    public void Invalid_messages_of_one_host_harm_no_other(string line, string devpath)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line), device = FleetLine.DeviceOf(bytes);
        Assert.Equal(devpath, device.Length == 0 ? "" : FleetLine.DevpathOf(device));
        Assert.Null(FleetLine.TryParse(bytes));
        var found = new FleetDevice("h", devpath, device);
        Assert.Equal((devpath, ""), (found.Device.DevPath, found.Device.Subsystem));
        Assert.Empty(found.Device.Properties);
        Assert.Equal("", FleetLine.DevpathOf("{\"devpath\":\"\u00ff"u8[..^1]));
        Assert.Equal("", FleetLine.DevpathOf([.. "{\"devpath\":\""u8, 0xff, .. "\"}"u8]));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("a\n", 1)]
    [InlineData("a\n\nb", 2)]
    public void A_message_has_lines(string payload, int count) => Assert.Equal(count, FleetLine.Split(Encoding.UTF8.GetBytes(payload)).Count);
}
