#!/bin/sh
# build.sh BINARY: lays out artifacts/image (Containerfile and root/: the binary, what it is linked with, the rules), and builds the image
# uevent-manager:VERSION of it with podman, buildah or docker, whichever there is. It takes nothing from a registry.
set -eu
cd "$(dirname "$0")/../.."

binary=$1
. packaging/version.sh
image=artifacts/image
rm -rf "$image"
mkdir -p "$image/root/usr/bin" "$image/root/usr/lib/uevent-manager/rules.d" "$image/root/etc/uevent-manager/rules.d" "$image/root/run" "$image/root/tmp"
cp packaging/container/Containerfile "$image/"
install -m 755 "$binary" "$image/root/usr/bin/ueventctl"
install -m 644 rules/*.yaml "$image/root/usr/lib/uevent-manager/rules.d/"
# Each library at the path by which the loader looks for it, and the loader itself.
ldd "$binary" | grep --only-matching '/[^ ]*' | while read -r library; do
    mkdir -p "$image/root${library%/*}"
    cp --dereference "$library" "$image/root$library"
done
find "$image/root" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"

for tool in podman buildah docker; do
    if command -v $tool > /dev/null; then
        echo "uevent-manager:$version by $tool" >&2
        exec $tool build --file "$image/Containerfile" --tag "uevent-manager:$version" "$image"
    fi
done
echo "make image: podman, buildah and docker are not installed: \`podman build $image\` elsewhere makes the image from the files there" >&2
