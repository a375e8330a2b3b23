#!/bin/sh
# One line for each network interface that is complete: monitor.sh SOCKET. Needs jq.
exec "${UEVENTCTL:-ueventctl}" monitor --socket "$1" --json --subsystem-match net |
    jq --unbuffered --raw-output 'select(.action == "add") | "\(.device.sysname) \(.settledUsec - .arrivedUsec) µs"'
