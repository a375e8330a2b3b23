#!/bin/sh
# Gathers in vendor/ every NuGet package that building and testing takes, the compiler and the runtime with them, and a nuget.config that
# knows no other source. The Makefile uses it where it exists. Arguments are for `dotnet restore`.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
# A fresh folder, so that only what is needed is in it; obj/ elsewhere, so that no build of this tree is disturbed.
NUGET_PACKAGES=$work/packages RestoreConfigFile='' packaging/step.sh artifacts/log/vendor.log "gathering the packages" \
    dotnet restore UeventManager.sln --artifacts-path "$work/build" --nologo "$@"
rm -rf vendor
mkdir -p vendor/packages
find "$work/packages" -name '*.nupkg' -exec cp {} vendor/packages/ \;
cat > vendor/nuget.config << 'END'
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <packageSources>
    <clear />
    <add key="vendor" value="packages" />
  </packageSources>
</configuration>
END
echo "vendor: $(find vendor/packages -name '*.nupkg' | wc -l) packages, $(du --summarize --human-readable vendor | cut -f1)"
