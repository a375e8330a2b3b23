using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>The interface files describe exactly what the daemon does.</summary>
public sealed class VarlinkInterfaceTests
{
    [Theory]
    [InlineData("org.varlink.service", 2, 7)]
    [InlineData("org.ueventmanager.Devices", 8, 7)]
    [InlineData("org.ueventmanager.Control", 4, 4)]
    public void OurOwnFilesParse(string name, int methods, int errors)
    {
        VarlinkInterface parsed = EmbeddedInterfaces.Read(name);
        Assert.Equal(name, parsed.Name);
        Assert.Equal(methods, parsed.Methods.Count);
        Assert.Equal(errors, parsed.Errors.Count);
        Assert.NotEmpty(parsed.Comment);
    }

    [Fact]
    public void EveryFormOfATypeIsUnderstood()
    {
        VarlinkInterface parsed = VarlinkInterface.Parse("""
            # The interface.
            # Its second line.
            interface org.ex-ample.2nd

            # Not of the type.

            # Of the type.
            type All (b: bool, i: int, f: float, s: string, o: object, a: any, # after a
              # of e
              e: (one, two_3, Three), st: (x: int, y: ?[]string), ar: [][]int, m: [string](), n: ?[string]Other)
            type Other (a, b)
            method M ( )->( all : All )
            error E()
            """);
        Assert.Equal("The interface.\nIts second line.", parsed.Comment);
        VarlinkDeclaration all = parsed.Types["All"];
        Assert.Equal("Of the type.", all.Comment);
        Assert.Equal("b i f s o a e st ar m n", string.Join(' ', all.Type.Fields.Select(f => f.Name)));
        Assert.Equal("Bool Int Float String Object Any Enum Struct Array Map Maybe", string.Join(' ', all.Type.Fields.Select(f => f.Type.Kind)));
        Assert.Equal(["one", "two_3", "Three"], all.Type.Fields[6].Type.Names);
        Assert.Equal(VarlinkKind.Enum, all.Type.Fields[10].Type.Element!.Element!.Element!.Kind);
        Assert.Same(all.Type, parsed.Methods["M"].Output.Fields[0].Type.Element);
    }

    [Theory]
    [InlineData("", "1:1: the text ends before 'interface'")]
    [InlineData("interface org", "1:11: 'org' is not an interface name")]
    [InlineData("interface org.a type A ()", "1:17: a declaration starts on a new line")]
    [InlineData("interface a.b\nmethod m() -> ()", "2:8: 'm' is not a name that starts with a capital letter")]
    [InlineData("interface a.b\nmethod M() ()", "2:12: '->' expected, not '('")]
    [InlineData("interface a.b\nmethod M()", "2:11: the text ends before '->'")]
    [InlineData("interface a.b\nmethod M(a: Nope) -> ()", "2:13: no type 'Nope' is declared")]
    [InlineData("interface a.b\ntype A ()\nerror A ()", "3:7: 'A' is declared twice")]
    [InlineData("interface a.b\ntype A (a: int, a: int)", "2:17: the field 'a' is declared twice")]
    [InlineData("interface a.b\ntype A (a, b: int)", "2:13: fields with and without a type are mixed")]
    [InlineData("interface a.b\ntype A (a: ??int)", "2:13: '?' is doubled")]
    [InlineData("interface a.b\ntype A (a_: int)", "2:9: 'a_' is not a field name")]
    [InlineData("interface a.b\ntype A (a: int,)", "2:16: ')' is not a field name")]
    [InlineData("interface a.b\nerror A (a, b)", "2:9: fields need a type")]
    [InlineData("interface a.b\nsomething", "2:1: 'something' is not type, method or error")]
    [InlineData("interface a.b\ntype A (a: int;)", "2:15: unexpected ';'")]
    public void AMistakeHasItsPlace(string text, string message) =>
        Assert.Equal(message, Assert.Throws<VarlinkFormatException>(() => VarlinkInterface.Parse(text)).Message);

    [Fact]
    public void DeepNestingIsAnErrorAndNoCrash() =>
        Assert.Throws<VarlinkFormatException>(() => VarlinkInterface.Parse(
            "interface a.b\ntype A (a: " + string.Concat(Enumerable.Repeat("[]", 100_000)) + "int)"));
}
