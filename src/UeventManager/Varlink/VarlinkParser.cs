namespace UeventManager.Varlink;

/// <summary>
/// Parses an interface file by the grammar of UAPI.20:
/// <c>interface = "interface" name member*; member = "type" Name (struct | enum) | "method" Name struct "->" struct | "error" Name struct;
/// type = ["?"] ("[]" | "[string]")* (struct | enum | Name | bool | int | float | string | object | any)</c>.
/// </summary>
internal sealed class VarlinkParser(string text)
{
    private const int MaxDepth = 32;

    private readonly VarlinkLexer _lexer = new(text);
    private readonly Dictionary<string, VarlinkDeclaration> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VarlinkMethod> _methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VarlinkDeclaration> _errors = new(StringComparer.Ordinal);
    private readonly List<(VarlinkType Reference, int At)> _references = [];
    private int _depth;

    /// <summary>Parses the whole text.</summary>
    /// <returns>The interface.</returns>
    public VarlinkInterface Parse()
    {
        string comment = _lexer.Comment;
        Expect("interface");
        string name = Take(IsInterfaceName, "an interface name");
        while (_lexer.Token.Length > 0)
        {
            if (!_lexer.StartsLine)
                throw _lexer.Error(_lexer.Start, "a declaration starts on a new line");
            ParseMember();
        }
        Resolve();
        return new VarlinkInterface(name, text, comment) { Types = _types, Methods = _methods, Errors = _errors };
    }

    private void ParseMember()
    {
        string comment = _lexer.Comment;
        string keyword = _lexer.Token;
        if (keyword is not ("type" or "method" or "error"))
            throw _lexer.Error(_lexer.Start, $"'{keyword}' is not type, method or error");
        _lexer.Next();
        int at = _lexer.Start;
        string name = Take(IsName, "a name that starts with a capital letter");
        if (_types.ContainsKey(name) || _methods.ContainsKey(name) || _errors.ContainsKey(name))
            throw _lexer.Error(at, $"'{name}' is declared twice");
        if (keyword == "type")
        {
            _types.Add(name, new VarlinkDeclaration(name, ParseBraces(), comment));
            return;
        }
        VarlinkType first = ParseStruct();
        if (keyword == "error")
        {
            _errors.Add(name, new VarlinkDeclaration(name, first, comment));
            return;
        }
        Expect("->");
        _methods.Add(name, new VarlinkMethod(name, first, ParseStruct(), comment));
    }

    private VarlinkType ParseType()
    {
        int at = _lexer.Start;
        if (++_depth > MaxDepth)
            throw _lexer.Error(at, $"types are nested deeper than {MaxDepth}");
        VarlinkType type = ParseTypeAt(at);
        _depth--;
        return type;
    }

    private VarlinkType ParseTypeAt(int at)
    {
        string token = _lexer.Token;
        if (token == "(")
            return ParseBraces();
        if (token is "?" or "[]" or "[string]")
        {
            _lexer.Next();
            if (token == "?" && _lexer.Token == "?")
                throw _lexer.Error(_lexer.Start, "'?' is doubled");
            VarlinkKind kind = token switch { "?" => VarlinkKind.Maybe, "[]" => VarlinkKind.Array, _ => VarlinkKind.Map };
            return new VarlinkType(kind) { Element = ParseType() };
        }
        VarlinkKind? simple = token switch
        {
            "bool" => VarlinkKind.Bool,
            "int" => VarlinkKind.Int,
            "float" => VarlinkKind.Float,
            "string" => VarlinkKind.String,
            "object" => VarlinkKind.Object,
            "any" => VarlinkKind.Any,
            _ => null,
        };
        if (simple is { } known)
        {
            _lexer.Next();
            return new VarlinkType(known);
        }
        var reference = new VarlinkType(VarlinkKind.Reference) { Name = Take(IsName, "a type") };
        _references.Add((reference, at));
        return reference;
    }

    private VarlinkType ParseStruct()
    {
        int at = _lexer.Start;
        VarlinkType type = ParseBraces();
        return type.Kind == VarlinkKind.Struct ? type : throw _lexer.Error(at, "fields need a type");
    }

    // "()" is a struct without fields. Otherwise the first field tells: with a type it is a struct, without one an enum.
    private VarlinkType ParseBraces()
    {
        Expect("(");
        var fields = new List<VarlinkField>();
        var names = new List<string>();
        while (_lexer.Token != ")")
        {
            if (names.Count > 0)
                Expect(",");
            string comment = _lexer.Comment;
            int at = _lexer.Start;
            string name = Take(IsFieldName, "a field name");
            if (names.Contains(name))
                throw _lexer.Error(at, $"the field '{name}' is declared twice");
            bool typed = _lexer.Token == ":";
            if (names.Count > 0 && typed != fields.Count > 0)
                throw _lexer.Error(_lexer.Start, "fields with and without a type are mixed");
            names.Add(name);
            if (typed)
            {
                _lexer.Next();
                fields.Add(new VarlinkField(name, ParseType(), comment));
            }
        }
        _lexer.Next();
        return names.Count > 0 && fields.Count == 0
            ? new VarlinkType(VarlinkKind.Enum) { Names = names }
            : new VarlinkType(VarlinkKind.Struct) { Fields = fields };
    }

    private void Resolve()
    {
        foreach ((VarlinkType reference, int at) in _references)
        {
            reference.Element = _types.TryGetValue(reference.Name!, out VarlinkDeclaration? found)
                ? found.Type
                : throw _lexer.Error(at, $"no type '{reference.Name}' is declared");
        }
    }

    private void Expect(string token)
    {
        if (_lexer.Token != token)
            throw _lexer.Error(_lexer.Start, _lexer.Token.Length == 0 ? $"the text ends before '{token}'" : $"'{token}' expected, not '{_lexer.Token}'");
        _lexer.Next();
    }

    private string Take(Func<string, bool> isOne, string what)
    {
        string token = _lexer.Token;
        if (!isOne(token))
            throw _lexer.Error(_lexer.Start, token.Length == 0 ? $"the text ends before {what}" : $"'{token}' is not {what}");
        _lexer.Next();
        return token;
    }

    // [A-Za-z](-*[A-Za-z0-9])*(\.[A-Za-z0-9](-*[A-Za-z0-9])*)+
    private static bool IsInterfaceName(string token)
    {
        string[] parts = token.Split('.');
        return parts.Length > 1 && char.IsAsciiLetter(token[0]) && Array.TrueForAll(parts, static part =>
            part.Length > 0 && part[0] != '-' && part[^1] != '-' && part.All(static c => c == '-' || char.IsAsciiLetterOrDigit(c)));
    }

    // [A-Z][A-Za-z0-9]*
    private static bool IsName(string token) =>
        token.Length > 0 && char.IsAsciiLetterUpper(token[0]) && token.All(char.IsAsciiLetterOrDigit);

    // [A-Za-z](_?[A-Za-z0-9])*
    private static bool IsFieldName(string token) =>
        token.Length > 0 && char.IsAsciiLetter(token[0]) && token[^1] != '_' && !token.Contains("__", StringComparison.Ordinal)
        && token.All(static c => c == '_' || char.IsAsciiLetterOrDigit(c));
}
