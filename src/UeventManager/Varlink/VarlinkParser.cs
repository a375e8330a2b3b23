namespace UeventManager.Varlink;

/// <summary>
/// Parses an interface file by the grammar of UAPI.20:
/// <c>interface = "interface" name member*; member = "type" Name (struct | enum) | "method" Name struct "->" struct | "error" Name struct;
/// type = ["?"] ("[]" | "[string]")* (struct | enum | Name | bool | int | float | string | object | any)</c>.
/// </summary>
internal sealed class VarlinkParser(string text)
{
    private const int MaxDepth = 32;

    private readonly VarlinkLexer lexer = new(text);
    private readonly Dictionary<string, VarlinkDeclaration> types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VarlinkMethod> methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VarlinkDeclaration> errors = new(StringComparer.Ordinal);
    private readonly List<(VarlinkType Reference, int At)> references = [];
    private int depth;

    /// <summary>Parses the whole text.</summary>
    /// <returns>The interface.</returns>
    public VarlinkInterface Parse()
    {
        string comment = lexer.Comment;
        Expect("interface");
        string name = Take(IsInterfaceName, "an interface name");
        while (lexer.Token.Length > 0)
        {
            if (!lexer.StartsLine)
                throw lexer.Error(lexer.Start, "a declaration starts on a new line");
            ParseMember();
        }
        Resolve();
        return new VarlinkInterface(name, text, comment) { Types = types, Methods = methods, Errors = errors };
    }

    private void ParseMember()
    {
        string comment = lexer.Comment;
        string keyword = lexer.Token;
        if (keyword is not ("type" or "method" or "error"))
            throw lexer.Error(lexer.Start, $"'{keyword}' is not type, method or error");
        lexer.Next();
        int at = lexer.Start;
        string name = Take(IsName, "a name that starts with a capital letter");
        if (types.ContainsKey(name) || methods.ContainsKey(name) || errors.ContainsKey(name))
            throw lexer.Error(at, $"'{name}' is declared twice");
        if (keyword == "type")
        {
            types.Add(name, new VarlinkDeclaration(name, ParseBraces(), comment));
            return;
        }
        VarlinkType first = ParseStruct();
        if (keyword == "error")
        {
            errors.Add(name, new VarlinkDeclaration(name, first, comment));
            return;
        }
        Expect("->");
        methods.Add(name, new VarlinkMethod(name, first, ParseStruct(), comment));
    }

    private VarlinkType ParseType()
    {
        int at = lexer.Start;
        if (++depth > MaxDepth)
            throw lexer.Error(at, $"types are nested deeper than {MaxDepth}");
        VarlinkType type = ParseTypeAt(at);
        depth--;
        return type;
    }

    private VarlinkType ParseTypeAt(int at)
    {
        string token = lexer.Token;
        if (token == "(")
            return ParseBraces();
        if (token is "?" or "[]" or "[string]")
        {
            lexer.Next();
            if (token == "?" && lexer.Token == "?")
                throw lexer.Error(lexer.Start, "'?' is doubled");
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
            lexer.Next();
            return new VarlinkType(known);
        }
        var reference = new VarlinkType(VarlinkKind.Reference) { Name = Take(IsName, "a type") };
        references.Add((reference, at));
        return reference;
    }

    private VarlinkType ParseStruct()
    {
        int at = lexer.Start;
        VarlinkType type = ParseBraces();
        return type.Kind == VarlinkKind.Struct ? type : throw lexer.Error(at, "fields need a type");
    }

    // "()" is a struct without fields. Otherwise the first field tells: with a type it is a struct, without one an enum.
    private VarlinkType ParseBraces()
    {
        Expect("(");
        var fields = new List<VarlinkField>();
        var names = new List<string>();
        while (lexer.Token != ")")
        {
            if (names.Count > 0)
                Expect(",");
            string comment = lexer.Comment;
            int at = lexer.Start;
            string name = Take(IsFieldName, "a field name");
            if (names.Contains(name))
                throw lexer.Error(at, $"the field '{name}' is declared twice");
            bool typed = lexer.Token == ":";
            if (names.Count > 0 && typed != fields.Count > 0)
                throw lexer.Error(lexer.Start, "fields with and without a type are mixed");
            names.Add(name);
            if (typed)
            {
                lexer.Next();
                fields.Add(new VarlinkField(name, ParseType(), comment));
            }
        }
        lexer.Next();
        return names.Count > 0 && fields.Count == 0
            ? new VarlinkType(VarlinkKind.Enum) { Names = names }
            : new VarlinkType(VarlinkKind.Struct) { Fields = fields };
    }

    private void Resolve()
    {
        foreach ((VarlinkType reference, int at) in references)
        {
            reference.Element = types.TryGetValue(reference.Name!, out VarlinkDeclaration? found)
                ? found.Type
                : throw lexer.Error(at, $"no type '{reference.Name}' is declared");
        }
    }

    private void Expect(string token)
    {
        if (lexer.Token != token)
            throw lexer.Error(lexer.Start, lexer.Token.Length == 0 ? $"the text ends before '{token}'" : $"'{token}' expected, not '{lexer.Token}'");
        lexer.Next();
    }

    private string Take(Func<string, bool> isOne, string what)
    {
        string token = lexer.Token;
        if (!isOne(token))
            throw lexer.Error(lexer.Start, token.Length == 0 ? $"the text ends before {what}" : $"'{token}' is not {what}");
        lexer.Next();
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
