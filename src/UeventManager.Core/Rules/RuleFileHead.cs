namespace UeventManager.Core.Rules;

/// <summary>How a rule file begins.</summary>
public static class RuleFileHead
{
    /// <summary>A comment that names the JSON schema of rule files, from which editors with yaml-language-server complete and check them.</summary>
    public const string SchemaLine = "# yaml-language-server: $schema=/usr/share/uevent-manager/schema/rules-1.schema.json";
}
