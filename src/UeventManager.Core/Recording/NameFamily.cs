using System.Text.RegularExpressions;

namespace UeventManager.Core.Recording;

/// <summary>What names have in common that differ in numbers: <c>queues/tx-0</c> and <c>queues/tx-12</c> are of the family <c>queues/tx-#</c>.</summary>
public static partial class NameFamily
{
    /// <summary>The family of a name.</summary>
    public static string Of(string name) => Number().Replace(Uuid().Replace(name, "#"), "#");

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
