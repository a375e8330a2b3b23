#!/usr/bin/env bash
# Builds the guest of `make vm-test` from the distribution's packages: artifacts/vm/SERIES has the kernel, its modules and the
# kernel's own sample and test drivers, an initramfs and the tools. Packages are downloaded and unpacked, never installed.
# What is built stays until one of its inputs changes; `rm -r artifacts/vm` begins anew with the newest packages.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"

"$here/qemu.sh"
key=$(cd "$here" && { "${cross}gcc" --version; cat build.sh apt.sh ../apt.sh modules.txt; } | sha256sum | cut -d' ' -f1)
if [ "$(cat "$built/key" 2> /dev/null)" = "$key" ]; then exec "$here/tools.sh"; fi

for tool in "${cross}gcc" make xz dpkg-deb apt-get; do
    has $tool || fail "$tool is missing: run \`make install-test-tools\`, or install it (the guest is built from Debian's packages)"
done

packages=$vm/packages
mkdir -p "$packages/partial" "$built"
rm -f "$built/key"
. "$here/apt.sh"

# What runs on this machine, too: from its own apt, whatever the kernel's is.
programs=$built/programs
if [ ! -x "$programs/bin/kmod" ]; then
    fetch busybox-static kmod
    rm -rf "$programs" && mkdir -p "$programs"
    for name in busybox-static kmod; do dpkg-deb --extract "$(newest_package $name)" "$programs"; done
    for name in depmod modprobe; do ln -sf kmod "$programs/bin/$name"; done
fi

pattern=$(echo "$number" | sed 's/\./\\./g; s/\\\.x$/\\.[0-9]+/')
# This machine's apt has packages of its own architecture.
if [ -n "$cross" ]; then
    suite=$(private_suite)
    private_release "$suite" "$arch"
fi
release=$(newest_kernel)
if [ -z "$release" ] && [ -z "$cross" ]; then
    private_release "$(private_suite)" amd64
    release=$(newest_kernel)
fi
[ -n "$release" ] || fail "apt knows no linux-headers-$number*$flavour-$arch: VM_KERNEL names a series that this distribution, or Debian 11 to unstable, has"
number=$(echo "$release" | grep -oE '^[0-9]+\.[0-9]+')
source=linux-source-$number
headers=linux-headers-$release

tree=$built/tree
# The tree has the sources of modules.txt and no others.
made_of="$release $(sha256sum < "$here/modules.txt")"
if [ "$(cat "$tree/release" 2> /dev/null)" != "$made_of" ]; then
    rm -rf "$tree" && mkdir -p "$tree"
    compiling=(base-files make dash bash coreutils sed grep mawk findutils diffutils)
    if [ -n "$cross" ]; then
        rm -rf "$guest"
        unpack_closure "$guest" "programs for $arch" base-files busybox-static kmod iproute2 mount libstdc++6
        common=$(depends "$headers" | grep -E '^linux-headers-.*-common(-rt)?$')
        say "download linux $release"
        mkdir -p "$built/kernel"
        (cd "$built/kernel" && quietly by_apt apt-get download --quiet=2 "linux-image-$release" "$headers") || fail "apt-get cannot download linux $release"
        # What compiles is of this machine's architecture.
        private_release "$suite" amd64
        unpack_closure "$tree" "a compiler for $arch" "$common" "linux-kbuild-$number" "$source" "gcc-${cross%-}" "${compiling[@]}"
        for package in "$built/kernel"/linux-*.deb; do dpkg-deb --extract "$package" "$tree"; done
        rm -rf "$built/kernel"
    elif is_private; then
        # With the compiler of that release: ours may not know an option that the kernel was built with, and its objtool wants its own libraries.
        unpack_closure "$tree" "linux $release with its compiler" "linux-image-$release" "$headers" "$source" gcc "${compiling[@]}"
    else
        parts=$(depends "$headers" | grep -E '^linux-(headers-.*-common|kbuild-)')
        say "download linux $release: kernel, headers, source (some 280 MB)"
        # shellcheck disable=SC2086
        fetch "linux-image-$release" "$headers" $parts "$source"
        say "unpack the kernel"
        for name in "linux-image-$release" "$headers" $parts "$source"; do dpkg-deb --extract "$(newest_package "$name")" "$tree"; done
        # The headers name themselves by the place at which they would be installed.
        grep -lr "/usr/src/linux-" "$tree/usr/src/$headers/Makefile" | xargs -r sed -i "s|/usr/src/linux-|$tree/usr/src/linux-|g"
    fi
    # With it modules would get type information, by a program (pahole) that nothing else here needs.
    rm -f "$tree/usr/src/$headers/vmlinux"
    say "unpack the drivers' sources"
    grep -v '^#' "$here/modules.txt" | cut -d' ' -f2 | tr , '\n' | sed "s|^|$source/|" > "$built/wanted"
    # One that this series does not have is not an error here; what is required is seen when it is compiled.
    tar -xJf "$tree/usr/src/$source.tar.xz" -C "$built" --files-from="$built/wanted" 2> /dev/null || true
    rm -rf "$built/source" && mv "$built/$source" "$built/source"
    rm "$tree/usr/src/$source.tar.xz"
    echo "$made_of" > "$tree/release"
fi

# Each line of modules.txt: whether it must compile, where its source is (a folder, or files), and what the Makefile is told.
# Paths below $base are those of the root in which make runs.
modules=$tree/lib/modules/$release
mkdir -p "$modules/extra"
base=$tree symbols=
if is_private; then base=; fi
while read -r need source settings; do
    case $need in '#'* | '') continue ;; esac
    IFS=, read -ra files <<< "$source"
    [ -e "$built/source/${files[0]}" ] || { [ "$need" = optional ] || fail "linux $series has no $source"; continue; }
    name=$(basename "${files[0]}" .c)
    # Debian's kernel of this architecture or series may have it.
    if [ -n "$(find "$modules/kernel" -name "$name.ko*" -print -quit)" ]; then continue; fi
    work=$tree/work/$name
    rm -rf "$work" && mkdir -p "$work"
    if [ -d "$built/source/$source" ]; then
        cp -r "$built/source/$source/." "$work"
    else
        for file in "${files[@]}"; do cp "$built/source/$file" "$work"; done
        echo "obj-m := $name.o" > "$work/Makefile"
        # What is meant to be built in says no licence.
        grep -q '^MODULE_LICENSE' "$work/$name.c" || printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n' >> "$work/$name.c"
    fi
    say "compile $source"
    # shellcheck disable=SC2086
    if kernel_make -s -C "$base/usr/src/$headers" M="$base/work/$name" KBUILD_EXTRA_SYMBOLS="$symbols" $settings modules > "$work/log" 2>&1; then
        find "$work" -name '*.ko' -exec "${cross}strip" --strip-debug {} + -exec cp {} "$modules/extra" \;
        symbols+=" $base/work/$name/Module.symvers"
    elif [ "$need" = required ]; then
        tail -n 20 "$work/log" >&2
        fail "$source does not compile for linux $release"
    else
        say "  it does not: $(grep -m 1 -iE 'error|undefined' "$work/log")"
    fi
done < "$here/modules.txt"
say "depmod"
quietly "$programs/bin/depmod" -b "$tree" "$release" || fail "depmod failed"

echo "$release" > "$built/release"
echo "$key" > "$built/key"
say "built linux $release"
exec "$here/tools.sh"
