using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;

namespace UeventManager.Tests.Forwarding;

/// <summary>Replies of the daemon as they come.</summary>
internal static class Replies
{
    /// <summary>One event, read.</summary>
    public static ForwardedEvent Event(string json)
    {
        var said = new ForwardedEvent();
        var reader = new ReplyReader(Encoding.UTF8.GetBytes($$$"""{"parameters":{"events":[{{{json}}}]}}"""), new ByteBuffer());
        Assert.Equal(ReplyPart.Event, reader.Next(said));
        return said;
    }

    /// <summary>An event of a device, with properties of its own.</summary>
    public static ForwardedEvent Of(string action, string devpath, string subsystem, string properties = "", bool settled = true, string? old = null) => Event(
        $$$"""{"cursor":"1:1","action":"{{{action}}}","device":{"devpath":"{{{devpath}}}","subsystem":"{{{subsystem}}}","sysname":"x","settled":{{{(settled ? "true" : "false")}}},"properties":{"SUBSYSTEM":"{{{subsystem}}}"{{{properties}}}}}{{{(old is null ? "" : $",\"oldDevpath\":\"{old}\"")}}}}""");
}
