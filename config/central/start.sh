#!/bin/sh
# The small centre on one machine, to try it: mosquitto, PostgreSQL and consumer.py, on 127.0.0.1, in a folder of their own.
#   ./start.sh [FOLDER]     ends with Ctrl-C; started again it goes on with what FOLDER (default ./centre) has
# Ports: MQTT_PORT (18830) and PG_PORT (54320), beside what Debian's own packages take. Needs mosquitto, postgresql, python3-paho-mqtt and python3-psycopg2. Not as root,
# which PostgreSQL refuses.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mqtt_port=${MQTT_PORT:-18830} pg_port=${PG_PORT:-54320}
mkdir -p "${1:-centre}"
folder=$(cd "${1:-centre}" && pwd)
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
PATH=$PATH:/usr/sbin:$programs
for program in mosquitto initdb postgres psql; do
  command -v "$program" >/dev/null || { echo "there is no $program: sudo apt-get install --no-install-recommends mosquitto postgresql" >&2; exit 1; }
done
/usr/bin/python3 -c 'import paho.mqtt, psycopg2' || { echo "sudo apt-get install python3-paho-mqtt python3-psycopg2" >&2; exit 1; }
[ "$(id -u)" != 0 ] || { echo "PostgreSQL refuses to run as root: start this as another user" >&2; exit 1; }

[ -d "$folder/postgresql" ] || initdb -D "$folder/postgresql" -U lingtan -A trust -E UTF8 >"$folder/initdb.log"
cat >"$folder/mosquitto.conf" <<END
listener $mqtt_port 127.0.0.1
allow_anonymous true
persistence true
persistence_location $folder/
autosave_interval 10
max_queued_messages 1000000
max_queued_bytes 268435456
END

postgres= broker= consumer=
end() {
  trap - EXIT INT TERM
  kill $consumer $broker 2>/dev/null || true
  [ -z "$postgres" ] || kill -INT "$postgres" 2>/dev/null || true # which waits for no client
  wait
}
trap end EXIT
trap 'exit 0' INT TERM
postgres -D "$folder/postgresql" -p "$pg_port" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder" \
  >"$folder/postgresql.log" 2>&1 &
postgres=$!
mosquitto -c "$folder/mosquitto.conf" >"$folder/mosquitto.log" 2>&1 &
broker=$!
# Through its own folder: at the port there could be somebody else's.
own="host=$folder port=$pg_port user=lingtan dbname=postgres"

# Ends with the reason if the broker or the database has ended.
watch() {
  for each in "postgresql $postgres" "mosquitto $broker"; do
    kill -0 "${each#* }" 2>/dev/null && continue
    code=0
    wait "${each#* }" || code=$?
    [ "$code" != 137 ] || code="$code, so it was killed"
    echo "${each% *} has ended: $(tail -n 1 "$folder/${each% *}.log") (exit code $code; started again this goes on with what $folder has)" >&2
    exit 1
  done
}

until psql -q -d "$own" -c 'SELECT' >/dev/null 2>&1; do
  sleep 0.2
  watch
done
psql -q -v ON_ERROR_STOP=1 -d "$own" -f "$here/postgres.sql"
echo "broker:   mqtt://127.0.0.1:$mqtt_port"
echo "database: psql 'host=127.0.0.1 port=$pg_port user=lingtan dbname=postgres'"
while :; do
  /usr/bin/python3 "$here/consumer.py" 127.0.0.1 "$mqtt_port" "$own" >>"$folder/consumer.log" 2>&1 &
  consumer=$!
  # It ends when the database is away, and goes on where it was.
  while kill -0 "$consumer" 2>/dev/null; do
    sleep 1
    watch
  done
done
