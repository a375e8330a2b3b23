#!/usr/bin/env bash
# Builds the client library's package and uses it as a stranger would, outside this tree and with every analyzer at its strictest: for each
# framework that the package is for, and the samples that it brings. Needs the packages that any build needs; for .NET 8 its reference
# assemblies come from the package source. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. packaging/version.sh

passed=0 failed=0
check() { # WHAT COMMAND…
    local what=$1; shift
    if said=$("$@" 2>&1); then passed=$((passed + 1)); else failed=$((failed + 1)); printf '  failed: %s: %s\n' "$what" "$(tail -n 20 <<< "$said")"; fi
}

package=artifacts/packages/UeventManager.Client.$version.nupkg
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
mkdir "$work/source" "$work/package" "$work/consumer"
cp "$package" "$work/source/" || exit 1
for part in Testing Hosting; do cp "artifacts/packages/UeventManager.Client.$part.$version.nupkg" "$work/source/" || exit 1; done
check "the package can be read" python3 -m zipfile -e "$package" "$work/package"
for file in README.md varlink/org.ueventmanager.Devices.varlink varlink/org.ueventmanager.Control.varlink samples/README.md samples/subscribe.py \
    lib/net8.0/UeventManager.Client.dll lib/net10.0/UeventManager.Client.dll lib/net10.0/UeventManager.Client.xml; do
    check "it has $file" test -s "$work/package/$file"
done
check "nothing that was built for the samples is in it" bash -c "! find '$work/package/samples' -name bin -o -name obj | grep ."
check "it depends on nothing" bash -c "! grep '<dependency ' '$work/package/UeventManager.Client.nuspec'"

# The package itself from here, whatever else from where this machine has its packages.
cat > "$work/nuget.config" << END
<configuration><packageSources><add key="here" value="$work/source" /></packageSources></configuration>
END
cat > "$work/consumer/consumer.csproj" << END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <UseAppHost>false</UseAppHost>
    <TargetFrameworks>net10.0;net8.0</TargetFrameworks>
    <LangVersion>latest</LangVersion>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <AnalysisLevel>latest-all</AnalysisLevel>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <NoWarn>CA2007;CA1303;CA1515;CA1812</NoWarn>
    <NuGetAudit>false</NuGetAudit>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="UeventManager.Client" Version="$version" />
    <PackageReference Include="UeventManager.Client.Testing" Version="$version" />
  </ItemGroup>
</Project>
END
# What README.md begins with, plain records, and the daemon in memory.
{
    sed -n '/^```csharp/,/^```/{/^```/d;s|UeventClient.ConnectAsync()|Task.FromResult(new InMemoryDaemon().CreateClient())|;p}' src/UeventManager.Client/README.md \
        | sed '0,/^$/s//using UeventManager.Client.Testing;\n/' | sed 's/^}$/    break;\n}/'
    cat << 'END'
var device = InMemoryDaemon.Device("/devices/virtual/net/veth0", "net");
Console.WriteLine(new UeventEvent { Action = "add", Device = device, Cursor = "1", Synthetic = false, ArrivedUsec = 1, SettledUsec = 2 } with { Action = "change" });
Console.WriteLine(SocketPath.Find());
END
} > "$work/consumer/Program.cs"

build() { (cd "$1" && NUGET_PACKAGES=$work/packages dotnet build --nologo -tl:off "${@:2}"); }
check "a consumer builds without a warning" build "$work/consumer"
check "and runs" dotnet "$work/consumer/bin/Debug/net10.0/consumer.dll"
# What the READMEs of the other two packages show, as it stands there.
mkdir "$work/hosted" "$work/tested"
for part in hosted:Hosting tested:Testing; do
    sed "s|UeventManager.Client.Testing|UeventManager.Client.${part#*:}|; s|net10.0;net8.0|net10.0|; s|<NoWarn>|<NoWarn>CA1050;CA1852;CA1849;CA2254;|" "$work/consumer/consumer.csproj" > "$work/${part%:*}/${part%:*}.csproj"
    sed -n '/^```csharp/,/^```/{/^```/d;p}' "src/UeventManager.Client.${part#*:}/README.md" > "$work/${part%:*}/Program.cs"
done
sed -i 's|</ItemGroup>|<PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.15" /></ItemGroup>|' "$work/hosted/hosted.csproj"
check "the README of the testing package builds without a warning" build "$work/tested"
check "and runs" bash -c "dotnet '$work/tested/bin/Debug/net10.0/tested.dll' | grep -qx veth0"
check "the README of the hosting package builds without a warning" build "$work/hosted"
for sample in Subscribe NodeDevices; do
    check "the sample $sample builds without a warning" build "$work/package/samples/$sample" -warnaserror
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
