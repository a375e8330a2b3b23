namespace UeventManager.RuleFiles;

/// <summary>Collects the problems of one file. At most <see cref="Max"/> are kept, so that a broken megabyte stays readable.</summary>
/// <param name="file">The path, as it was given to the loader.</param>
internal sealed class ProblemList(string file)
{
    /// <summary>The most problems of a file; a further line then says that there are more.</summary>
    public const int Max = 100;

    private readonly List<RuleProblem> _problems = [];
    private bool _more;

    public string File => file;

    public bool IsEmpty => _problems.Count == 0;

    /// <summary>The problems in the order of the file.</summary>
    public IEnumerable<RuleProblem> Sorted
    {
        get
        {
            var sorted = _problems.OrderBy(p => p.Line).ThenBy(p => p.Column);
            return _more ? sorted.Append(new RuleProblem(file, 0, 0, $"more mistakes follow; these are {Max}")) : sorted;
        }
    }

    /// <summary>Adds a problem of the whole file.</summary>
    public void Add(string message) => Add(default(Place), message);

    /// <summary>Adds a problem of a node, unless the node is broken and was reported already.</summary>
    public void Add(RuleNode node, string message)
    {
        if (node is not BrokenNode)
            Add(node.At, message);
    }

    /// <summary>Adds a problem at a place.</summary>
    public void Add(Place place, string message)
    {
        if (_problems.Count < Max)
            _problems.Add(new RuleProblem(file, place.Line, place.Column, message));
        else
            _more = true;
    }
}
