using System.Buffers;

namespace UeventManager.RuleFiles;

/// <summary>Reads paths below a device's directory. Each method reports errors and then returns null.</summary>
internal static class PathValues
{
    /// <summary>The characters of patterns, which the path of one file does not have.</summary>
    public const string NotInPath = "*?";

    /// <summary>The same for a link to a device. A file may have a '[' in its name, such a link has none: there a pattern was intended.</summary>
    public const string NotInDeviceLink = NotInPath + "[";

    private static readonly SearchValues<char> NoPath = SearchValues.Create(NotInPath);

    private static readonly SearchValues<char> NoDeviceLink = SearchValues.Create(NotInDeviceLink);

    /// <summary>Reads the path of one file, directory or link.</summary>
    public static string? Path(string key, RuleNode node, ProblemList problems) => Path(key, node, problems, NoPath);

    /// <summary>Reads the path of one link to a device.</summary>
    public static string? DeviceLink(string key, RuleNode node, ProblemList problems) => Path(key, node, problems, NoDeviceLink);

    private static string? Path(string key, RuleNode node, ProblemList problems, SearchValues<char> refused)
    {
        if (Values.Text(key, node, problems) is not { } path)
            return null;
        var mistake = Mistake(path);
        if (mistake is null && path.AsSpan().IndexOfAny(refused) is >= 0 and var wild)
            mistake = $"'{path[wild]}' is allowed only in patterns, and this is a path";
        if (mistake is null)
            return path;
        problems.Add(node, $"{key}: path {Quoted.Of(path)}: {mistake}");
        return null;
    }

    /// <summary>Reads a pattern of paths. Each component is a pattern for the names of one directory, up to one with <c>**</c>.</summary>
    public static string? Glob(string key, RuleNode node, ProblemList problems)
    {
        if (Values.Text(key, node, problems) is not { } text)
            return null;
        var mistake = Mistake(text) ?? NoPattern(text);
        if (mistake is null)
            return text;
        problems.Add(node, $"{key}: pattern {Quoted.Of(text)}: {mistake}");
        return null;
    }

    private static string? NoPattern(string text)
    {
        if (text.Length > Core.Rules.Glob.MaxLength)
            return $"it is longer than {Core.Rules.Glob.MaxLength} characters";
        var components = text.Split('/');
        for (var i = 0; i < components.Length; i++)
        {
            var deep = components[i].Contains("**", StringComparison.Ordinal);
            if (!Core.Rules.Glob.TryParse(deep ? string.Join('/', components[i..]) : components[i], out _, out var error))
                return error;
            if (deep)
                break;
        }
        return null;
    }

    private static string? Mistake(string path)
    {
        if (path.Length == 0)
            return "it is empty";
        if (path.StartsWith('/'))
            return "it is absolute (it is relative to the device's directory)";
        if (path.Any(char.IsControl))
            return "it has a control character";
        if (Values.Bytes(path) > RuleSchema.MaxPathBytes)
            return $"it is longer than {RuleSchema.MaxPathBytes} bytes";
        var components = path.Split('/');
        return components.Contains("..") ? "it contains '..' (it must not leave the device's directory)"
            : components.Contains("") ? "it has an empty component"
            : components.Contains(".") ? "it contains '.' (leave it out)"
            : null;
    }
}
