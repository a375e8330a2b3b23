namespace UeventManager.RuleFiles;

/// <summary>The names of the rules in all files, with the place of the first use.</summary>
internal sealed class RuleNames
{
    private readonly Dictionary<string, string> _places = [];

    /// <summary>Adds a new name; otherwise returns the place of its first use.</summary>
    public bool TryAdd(string name, string file, int line, out string first)
    {
        var place = $"{file}:{line}";
        if (_places.TryAdd(name, place))
        {
            first = place;
            return true;
        }
        first = _places[name];
        return false;
    }
}
