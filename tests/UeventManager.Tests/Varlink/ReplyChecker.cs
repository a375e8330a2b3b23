using System.Text.Json;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>Checks what a server sends against the interface files that it shows.</summary>
internal static class ReplyChecker
{
    /// <summary>Fails unless the frame is a reply or an error that the method's interface, or org.varlink.service, declares.</summary>
    public static void Check(VarlinkInterface description, string method, string frame)
    {
        using JsonDocument document = JsonDocument.Parse(frame, new JsonDocumentOptions { AllowDuplicateProperties = false });
        JsonElement reply = document.RootElement;
        Assert.All(reply.EnumerateObject(), member => Assert.Contains(member.Name, (string[])["parameters", "continues", "error"]));
        using JsonDocument none = JsonDocument.Parse("{}");
        JsonElement parameters = reply.TryGetProperty("parameters", out JsonElement given) ? given : none.RootElement;
        VarlinkType type = reply.TryGetProperty("error", out JsonElement error)
            ? ErrorType(description, error.GetString()!)
            : description.Methods[method[(method.LastIndexOf('.') + 1)..]].Output;
        Assert.Null(VarlinkValidator.FirstWrong(type, parameters));
    }

    private static VarlinkType ErrorType(VarlinkInterface description, string error)
    {
        int dot = error.LastIndexOf('.');
        VarlinkInterface owner = error[..dot] == description.Name ? description : EmbeddedInterfaces.Read("org.varlink.service");
        Assert.Equal(owner.Name, error[..dot]);
        return owner.Errors[error[(dot + 1)..]].Type;
    }
}
