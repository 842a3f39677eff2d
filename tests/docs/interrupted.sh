#!/bin/sh
# SPDX-License-Identifier: MIT
# A shell test that gets a signal must kill its processes and remove its files before it ends.
# shellcheck disable=SC2016 # another shell expands the variables

. "$(dirname "$0")/../abi/common.sh"

status=0
sh -c '
. "$(dirname "$0")/serving.sh"
sleep 60 &
server=$!
echo "$server" "$tmp" >"$1"
kill -TERM $$
sleep 60' "$0" "$tmp/left" || status=$?
[ $status -eq 143 ] || problem "exit status $status after SIGTERM, not 143"

read -r server folder <"$tmp/left"
[ ! -e "$folder" ] || { problem "it leaves its folder"; rm -rf "$folder"; }
until_true has_ended "$server" || { problem "it leaves a server"; kill -9 "$server"; }

finish
