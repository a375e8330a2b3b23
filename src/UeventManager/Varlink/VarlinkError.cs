using System.Buffers;
using System.Text.Json;

namespace UeventManager.Varlink;

/// <summary>The errors of <c>org.varlink.service</c>, and the form of errors with one member.</summary>
internal static class VarlinkError
{
    /// <summary>The interface is not implemented; <c>interface</c> names it.</summary>
    public const string InterfaceNotFound = "org.varlink.service.InterfaceNotFound";

    /// <summary>The interface has no such method; <c>method</c> names it.</summary>
    public const string MethodNotFound = "org.varlink.service.MethodNotFound";

    /// <summary>The method is declared but not implemented; <c>method</c> names it.</summary>
    public const string MethodNotImplemented = "org.varlink.service.MethodNotImplemented";

    /// <summary>A parameter is missing, unknown, of the wrong type or out of range; <c>parameter</c> names it.</summary>
    public const string InvalidParameter = "org.varlink.service.InvalidParameter";

    /// <summary>The caller may not do this.</summary>
    public const string PermissionDenied = "org.varlink.service.PermissionDenied";

    /// <summary>The method must be called with <c>more</c>.</summary>
    public const string ExpectedMore = "org.varlink.service.ExpectedMore";

    /// <summary>Writes the object <c>{"member": "value"}</c>.</summary>
    /// <param name="member">The member's name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Parameter(string member, string value)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString(member, value);
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }
    /// <summary>Writes the object <c>{"member": ["value", …]}</c>.</summary>
    /// <param name="member">The member's name.</param>
    /// <param name="values">Its values, in this order.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Parameter(string member, IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartArray(member);
            foreach (var value in values)
                json.WriteStringValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }
}
