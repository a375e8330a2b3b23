#!/bin/sh
# Links for the architecture that the SDK names by --target=, as it would to clang: gcc has a program of its own for each.
set -eu
for argument; do
    shift
    case $argument in
        --target=*) compiler=${argument#--target=}-gcc ;;
        *) set -- "$@" "$argument" ;;
    esac
done
exec "$compiler" "$@"
