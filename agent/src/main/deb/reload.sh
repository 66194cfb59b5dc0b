# shellcheck shell=sh
# What "systemctl reload lingtan" runs: has the agent read its site file again, and waits for what comes of it.
# Ends with 0 if the file is in use, with 1 and the reason if it is refused.
set -eu
file=$RUNTIME_DIRECTORY/reload
number() { if [ -e "$file" ]; then head -n 1 "$file"; fi; }

before=$(number)
kill -HUP "$MAINPID"
left=1500
while [ "$(number)" = "$before" ]; do
  left=$((left - 1))
  if [ "$left" = 0 ] || ! kill -0 "$MAINPID"; then
    echo "the agent has not said what came of it" >&2
    exit 1
  fi
  sleep 0.2
done
why=$(tail -n +2 "$file")
[ -z "$why" ] || { printf 'refused, the one before goes on: %s\n' "$why" >&2; exit 1; }
