using System.Text.Json;

namespace UeventManager.Varlink;

/// <summary>Checks JSON against the declared type.</summary>
internal static class VarlinkValidator
{
    /// <summary>Finds an error in the members of an object.</summary>
    /// <param name="type">A struct: the input or output of a method, the members of an error.</param>
    /// <param name="value">A JSON object.</param>
    /// <returns>Null if there is no error. Otherwise the member that is unknown, missing or of the wrong type, from the outside in:
    /// <c>filter.subsystems</c>.</returns>
    public static string? FirstWrong(VarlinkType type, JsonElement value)
    {
        ArgumentNullException.ThrowIfNull(type);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (FieldOf(type, member.Name) is not { } field)
                return member.Name;
            if (WrongIn(field.Type, member.Value) is { } wrong)
                return member.Name + wrong;
        }
        foreach (VarlinkField field in type.Fields)
        {
            if (field.Type.Kind != VarlinkKind.Maybe && !value.TryGetProperty(field.Name, out _))
                return field.Name;
        }
        return null;
    }

    private static VarlinkField? FieldOf(VarlinkType type, string name)
    {
        foreach (VarlinkField field in type.Fields)
        {
            if (field.Name == name)
                return field;
        }
        return null;
    }

    // Null if the value is valid; "" if the value itself is wrong; ".member" if something inside it is.
    private static string? WrongIn(VarlinkType type, JsonElement value) => type.Kind switch
    {
        VarlinkKind.Maybe => value.ValueKind == JsonValueKind.Null ? null : WrongIn(type.Element!, value),
        VarlinkKind.Reference => WrongIn(type.Element!, value),
        VarlinkKind.Bool => Unless(value.ValueKind is JsonValueKind.True or JsonValueKind.False),
        VarlinkKind.Int => Unless(value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _)),
        VarlinkKind.Float => Unless(value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double d) && double.IsFinite(d)),
        VarlinkKind.String => Unless(value.ValueKind == JsonValueKind.String),
        VarlinkKind.Object => Unless(value.ValueKind == JsonValueKind.Object),
        VarlinkKind.Any => Unless(value.ValueKind != JsonValueKind.Null),
        VarlinkKind.Enum => Unless(value.ValueKind == JsonValueKind.String && type.Names.Contains(value.GetString()!)),
        VarlinkKind.Array => WrongInArray(type.Element!, value),
        VarlinkKind.Map => WrongInMap(type.Element!, value),
        _ => WrongInStruct(type, value),
    };

    private static string? Unless(bool fits) => fits ? null : "";

    private static string? WrongInArray(VarlinkType element, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return "";
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (WrongIn(element, item) is { } wrong)
                return wrong;
        }
        return null;
    }

    private static string? WrongInMap(VarlinkType element, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return "";
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (WrongIn(element, member.Value) is { } wrong)
                return "." + member.Name + wrong;
        }
        return null;
    }

    private static string? WrongInStruct(VarlinkType type, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return "";
        return FirstWrong(type, value) is { } wrong ? "." + wrong : null;
    }
}
