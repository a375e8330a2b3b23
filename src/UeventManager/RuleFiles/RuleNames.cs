namespace UeventManager.RuleFiles;

/// <summary>The names of the rules of all files, and where each was first used.</summary>
internal sealed class RuleNames
{
    private readonly Dictionary<string, string> _places = [];

    /// <summary>Takes a name that is new; else says where it was used.</summary>
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
