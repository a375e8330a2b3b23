using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace UeventManager.RuleFiles;

/// <summary>
/// Reads one YAML document into nodes from the parser's events: without reflection, and without recursion deeper than
/// <see cref="RuleSchema.MaxDepth"/>. Aliases, anchors and tags are errors here.
/// </summary>
internal sealed class RuleNodeReader
{
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly ProblemList _problems;

    private RuleNodeReader(string text, ProblemList problems)
    {
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
        _problems = problems;
    }

    private ParsingEvent Event => _parser.Current!;

    /// <summary>Reads the document; null after an error that ends the reading.</summary>
    public static RuleNode? Read(string text, ProblemList problems)
    {
        var reader = new RuleNodeReader(text, problems);
        try
        {
            return reader.Document();
        }
        catch (MaximumRecursionLevelReachedException e)
        {
            problems.Add(PlaceOf(e.Start), e.Message);
        }
        catch (YamlException e)
        {
            problems.Add(PlaceOf(e.Start), YamlMistake.Describe(text, PlaceOf(e.Start), e.Message));
        }
        catch (Exception e)
        {
            // Malformed input also raises InvalidOperationException, ArgumentException and others.
            problems.Add(PlaceOf(reader._scanner.CurrentPosition), $"not YAML: {e.Message}");
        }
        return null;
    }

    private RuleNode? Document()
    {
        while (_parser.MoveNext() && Event is not DocumentStart)
        {
        }
        if (_parser.Current is not DocumentStart)
        {
            _problems.Add(new Place(1, 1), "the file is empty (a rule file has 'version', 'subsystem' and 'rules')");
            return null;
        }
        _parser.MoveNext();
        var root = Node(1);
        while (_parser.MoveNext())
        {
            if (Event is not DocumentStart)
                continue;
            _problems.Add(PlaceOf(Event.Start), "a second document (a rule file is one document; remove the '---' or '...')");
            return null;
        }
        return root;
    }

    private RuleNode Node(int depth)
    {
        var place = PlaceOf(Event.Start);
        if (Event is AnchorAlias alias)
            return Forbidden(place, "aliases", '*', alias.Value.Value);
        if (Event is not NodeEvent { Anchor: var anchor, Tag: var tag })
            throw new InvalidOperationException($"unexpected {Event.GetType().Name}");
        var node = Event switch
        {
            Scalar scalar => new TextNode(place, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => List(place, depth),
            _ => (RuleNode)Mapping(place, depth),
        };
        if (!anchor.IsEmpty)
            return Forbidden(place, "anchors", '&', anchor.Value);
        // A quoted scalar has the non-specific tag '!', a plain one and a collection have '?'.
        return tag.IsEmpty || tag.IsNonSpecific ? node : Forbidden(place, "tags", '!', tag.Value.TrimStart('!'));
    }

    private BrokenNode Forbidden(Place place, string what, char sign, string name)
    {
        _problems.Add(place, $"{what} are not allowed (if the value begins with '{sign}', put it in quotes: \"{sign}{name}\")");
        return new BrokenNode(place);
    }

    private ListNode List(Place place, int depth)
    {
        CheckDepth(depth);
        var items = new List<RuleNode>();
        while (_parser.MoveNext() && Event is not SequenceEnd)
            items.Add(Node(depth + 1));
        return new ListNode(place, items);
    }

    private MappingNode Mapping(Place place, int depth)
    {
        CheckDepth(depth);
        var entries = new List<MappingEntry>();
        var lines = new Dictionary<string, int>();
        while (_parser.MoveNext() && Event is not MappingEnd)
        {
            var key = Node(depth + 1);
            _parser.MoveNext();
            var value = Node(depth + 1);
            if (key is not TextNode text)
                _problems.Add(key, $"a key must be a text, not {key.Kind}");
            else if (!lines.TryAdd(text.Text, text.At.Line))
                _problems.Add(key, $"key {Quoted.Of(text.Text)} is given twice (first at line {lines[text.Text]})");
            else
                entries.Add(new MappingEntry(text, value));
        }
        return new MappingNode(place, entries);
    }

    private void CheckDepth(int depth)
    {
        var message = $"nested deeper than {RuleSchema.MaxDepth} lists and mappings";
        if (depth > RuleSchema.MaxDepth)
            throw new MaximumRecursionLevelReachedException(Event.Start, Event.End, message);
    }

    private static Place PlaceOf(in Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
