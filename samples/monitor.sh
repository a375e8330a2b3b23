#!/bin/sh
# monitor.sh [SOCKET]: one line for each network interface that is complete, and how long it waited. Needs jq.
# SOCKET is the daemon's socket (default: the one that ueventctl finds); UEVENTCTL is the command to use (default: ueventctl).
case ${1:-} in -*) sed -n '2,3s/^# //p' "$0"; exit 0 ;; esac
for tool in jq "${UEVENTCTL:=ueventctl}"; do
    command -v "$tool" > /dev/null || { echo "monitor.sh: $tool is not installed" >&2; exit 1; }
done
# A pipe ends as its last command does; what matters is how ueventctl ended.
exec 4>&1
status=$({ { "$UEVENTCTL" monitor ${1:+--socket "$1"} --json --subsystem-match net; echo $? >&3; } |
    jq --unbuffered --raw-output 'select(.action == "add") | "\(.device.sysname) \(.settledUsec - .arrivedUsec) µs"' >&4; } 3>&1)
exit "${status:-0}"
