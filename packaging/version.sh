#!/bin/sh
# Sourced by the others, in the root of the source: $version, and SOURCE_DATE_EPOCH if it is not given.
# shellcheck disable=SC2034
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
