namespace UeventManager.RuleFiles;

/// <summary>Collects the problems of one file. At most <see cref="Max"/> are kept, so that a broken megabyte stays readable.</summary>
/// <param name="file">The path, as it was named to the loader.</param>
internal sealed class ProblemList(string file)
{
    /// <summary>Most problems that are kept for a file; one more line then says that there are others.</summary>
    public const int Max = 100;

    private readonly List<RuleProblem> _problems = [];
    private bool _more;

    public string File => file;

    public bool IsEmpty => _problems.Count == 0;

    /// <summary>In the order of the file.</summary>
    public IEnumerable<RuleProblem> Sorted
    {
        get
        {
            var sorted = _problems.OrderBy(p => p.Line).ThenBy(p => p.Column);
            return _more ? sorted.Append(new RuleProblem(file, 0, 0, $"more mistakes follow; these are {Max}")) : sorted;
        }
    }

    /// <summary>A problem of the file as a whole.</summary>
    public void Add(string message) => Add(default(Place), message);

    /// <summary>A problem of a node. One that is broken has been reported already.</summary>
    public void Add(RuleNode node, string message)
    {
        if (node is not BrokenNode)
            Add(node.At, message);
    }

    /// <summary>A problem at a place.</summary>
    public void Add(Place place, string message)
    {
        if (_problems.Count < Max)
            _problems.Add(new RuleProblem(file, place.Line, place.Column, message));
        else
            _more = true;
    }
}
