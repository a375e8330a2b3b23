namespace UeventManager.Core.Rules;

/// <summary>The first line of a rule file.</summary>
public static class RuleFileHead
{
    /// <summary>A comment that names the JSON schema of rule files: editors with yaml-language-server complete and check the file with it.</summary>
    public const string SchemaLine = "# yaml-language-server: $schema=/usr/share/uevent-manager/schema/rules-1.schema.json";
}
