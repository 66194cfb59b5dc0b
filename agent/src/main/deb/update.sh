#!/bin/sh
# Root's half of an update from afar: lingtan-update.service runs it when the agent has written a wish, and at each boot.
#
# The agent's user writes /var/lib/lingtan/update/wish (a document of the fleet's centre in its canonical form, and its
# signature). Nothing of that is believed but what the key in /etc/lingtan-update.conf has signed: whoever has become
# that user cannot have root install anything that the centre has not signed, nor anything older than what was taken.
# What is there is read as that user, so that a link or a pipe leads nowhere. Without that file nothing is done.
#
# Crash contract: state is replaced as a whole and synced before each step, and says which one comes next; a boot takes
# it up there. What runs while the power fails again and again goes back to the version before.
#
# /etc/lingtan-update.conf, root's alone to write:   key=PUBLIC KEY of lingtan fleet key
#   gateway=ID and group=NAME (only documents for these are obeyed; without either any that is signed), minutes=10
#
# $1, for tests: what stands before each path.
set -eu
export LC_ALL=C
umask 022
p=${1:-}
conf=$p/etc/lingtan-update.conf
own=$p/var/lib/lingtan-update
theirs=$p/var/lib/lingtan/update
state=$own/state
most_starts=3
most_fetches=8

say() { echo "$*"; }

# As the agent's user, who may have put anything there: a few bytes, soon.
theirs() {
  timeout 10 setpriv --reuid lingtan --regid lingtan --clear-groups --no-new-privs head -c "$2" "$theirs/$1" 2>/dev/null |
    tr -d '\000' || :
}

conf() { sed -n "s/^$1=//p" "$conf" | head -n 1; }
get() { [ ! -e "$state" ] || sed -n "s/^$1=//p" "$state" | head -n 1; }

# What the state holds, and the next phase; $2 says why, for a person. What cannot be written whole leaves what was there
# and ends here: where this is called in a condition the shell does not look at what fails.
note() {
  phase=$1
  why=$(printf %s "${2:-}" | tr -c '[:print:]' ' ' | cut -c 1-300)
  for name in serial sha256 size url expires version before phase starts fetches nonce why; do
    eval "printf '%s=%s\n' $name \"\$$name\"" || exit 1
  done >"$state.new"
  sync "$state.new" && mv "$state.new" "$state" && sync "$own" || exit 1
  say "$version, serial $serial: $phase${why:+: $why}"
}

load() {
  for name in serial sha256 size url expires version before phase starts fetches nonce why; do
    eval "$name=\$(get $name)"
  done
  serial=${serial:-0}
  starts=${starts:-0}
  fetches=${fetches:-0}
}

installed() { dpkg-query -W -f '${Version}' lingtan 2>/dev/null || :; }

# Try again in a while: the service manager does, for as long as the document holds.
later() {
  note fetching "$1"
  exit 75
}

# Whether the signature is good: $1 the text, $2 the signature in base64url.
signed() {
  key=$(conf key | tr -d '=' | tr '_-' '/+')
  [ ${#key} = 43 ] && [ ${#2} = 86 ] || return 1
  printf '%s\nMCowBQYDK2VwAyEA%s=\n%s\n' '-----BEGIN PUBLIC KEY-----' "$key" '-----END PUBLIC KEY-----' >"$own/key.pem"
  printf %s "$1" >"$own/wish"
  printf '%s==' "$2" | tr '_-' '/+' | base64 -d >"$own/wish.sig" 2>/dev/null || return 1
  openssl pkeyutl -verify -pubin -inkey "$own/key.pem" -rawin -in "$own/wish" -sigfile "$own/wish.sig" >/dev/null 2>&1
}

# Says why nothing becomes of a wish, for its agent to report.
decline() {
  say "serial ${1:-unknown} is declined: $2"
  printf 'serial=%s\nwhy=%s\n' "$1" "$2" >"$own/declined.new" && mv "$own/declined.new" "$own/declined" || :
}

# Takes up a wish; what is wrong with it changes nothing.
wish() {
  text=$(theirs wish 8192)
  [ -n "$text" ] || return 0
  document=$(printf '%s\n' "$text" | sed -n 1p)
  named=$(printf '%s\n' "$document" | sed -nE 's/.*"serial":([0-9]{1,16})[,}].*/\1/p')
  signed "$document" "$(printf '%s\n' "$text" | sed -n 2p)" || {
    decline "$named" "it is not signed with the key of $conf"
    return 0
  }
  # Canonical JSON has one form, and nothing that is let in here means anything to a shell.
  fields=$(printf '%s\n' "$document" | sed -nE 's|^\{"expires":([0-9]{1,16}),"(gateway\|group)":"([A-Za-z0-9_-]{1,64})","kind":"software","serial":([1-9][0-9]{0,15}),"sha256":"([0-9a-f]{64})","size":([1-9][0-9]{0,8}),"url":"(https?://[A-Za-z0-9._~:/-]{1,600})","version":"([0-9][0-9A-Za-z.+~-]{0,63})"\}$|\1 \2 \3 \4 \5 \6 \7 \8|p')
  [ -n "$fields" ] || {
    decline "$named" "it has another form than the updater here knows"
    return 0
  }
  # shellcheck disable=SC2086 # words without blanks, see above
  set -- $fields
  load
  if [ "$4" -le "$serial" ]; then
    # What was taken back before it was installed may be wished for again.
    [ "$phase $serial $sha256" = "taken_back $4 $5" ] || return 0
  fi
  wanted=$(conf "$2")
  if [ -n "$(conf gateway)$(conf group)" ] && [ "$wanted" != "$3" ]; then
    decline "$4" "it is for $2 $3, and $conf names another"
    return 0
  fi
  now=$(date +%s)
  [ "$now" -gt 1767225600 ] || { decline "$4" "the clock is not right: it waits"; exit 75; }
  [ "${1%???}" -gt "$now" ] 2>/dev/null || { decline "$4" "it has expired"; return 0; }
  before=$(installed)
  # The same version by its name alone may be another package.
  next=fetching
  [ "$phase $sha256 $version" != "applied $5 $8" ] || [ "$8" != "$before" ] || next=applied
  expires=$1 serial=$4 sha256=$5 size=$6 url=$7 version=$8 starts=0 fetches=0 nonce=
  note $next
  rm -f "$own/new.deb" "$own/previous.deb" "$own/declined"
}

# Whether the agent wishes for something still; only what is not being installed can be taken back.
wished() {
  [ -n "$(theirs wish 8192)" ] || { rm -f "$own/new.deb"; note taken_back; return 1; }
}

free() { df -Pk "$1" | awk 'NR == 2 { print $4 }'; }

fetch() {
  wished || return 0
  [ "${expires%???}" -gt "$(date +%s)" ] || { note refused "it expired before it could be fetched: $why"; return 0; }
  has=$(dpkg-query -W -f '${Installed-Size}' lingtan)
  need=$((2 * size / 1024 + 3 * has + 32768))
  [ "$(free "$own")" -gt $need ] || later "there is no room: $need kB are needed in $own"
  rm -rf "$own/fetch"
  mkdir -m 0700 "$own/fetch"
  chown _apt "$own/fetch" 2>/dev/null || :
  # A cache on the way may be what is bad.
  past=
  [ "$fetches" = 0 ] || past='-o Acquire::http::No-Cache=true'
  # No larger than was said, whatever the server sends.
  (
    ulimit -f $((size / 512 + 1))
    # shellcheck disable=SC2086 # none, or two words
    timeout 3600 "$p/usr/lib/apt/apt-helper" -qq $past download-file "${url%/}/lingtan_${version}_all.deb" \
      "$own/fetch/new.deb"
  ) >"$own/fetch.log" 2>&1 || later "it cannot be fetched: $(tail -n 2 "$own/fetch.log")"
  # As the user that fetched it, who may have put a link there; through a pipe, so that no process of that user ever has
  # root's file open. It is another file than any before, and nobody writes it any more when its hash is made.
  rm -f "$own/new.deb"
  timeout 600 setpriv --reuid _apt --regid nogroup --clear-groups --no-new-privs head -c $((size + 1)) "$own/fetch/new.deb" |
    timeout 600 cat >"$own/new.deb" && sync "$own/new.deb" || later "it cannot be copied: is there room in $own?"
  rm -rf "$own/fetch"
  # Whoever sent it is not who signed: that alone uses up no document, until it has come again and again.
  whole || {
    rm -f "$own/new.deb"
    fetches=$((fetches + 1))
    [ $fetches -lt $most_fetches ] || { note refused "what $url has was another file than was signed, $fetches times"; return 0; }
    later "what $url has is another file than was signed, $fetches times; it is fetched again, $most_fetches times at most"
  }
  [ "$(dpkg-deb -f "$own/new.deb" Package 2>/dev/null)" = lingtan ] || { note refused "it is no package of lingtan"; return 0; }
  [ "$(dpkg-deb -f "$own/new.deb" Version)" = "$version" ] || { note refused "the package is of another version"; return 0; }
  case $(dpkg-deb -f "$own/new.deb" Architecture) in
    all | "$(dpkg --print-architecture)") ;;
    *) note refused "the package is for another architecture"; return 0 ;;
  esac
  keep || later "the version before cannot be kept: is there room in $own?"
  wished || return 0
  note installing
}

whole() { [ "$(sha256sum <"$own/new.deb" | cut -c 1-64)" = "$sha256" ]; }

# Makes a package of what is installed, so that it can come back without a network.
keep() {
  tree=$own/tree
  rm -rf "$tree" "$own/previous.deb"
  mkdir -p "$tree/DEBIAN" || return 1
  dpkg-query -L lingtan | while IFS= read -r path; do
    if [ -L "$p$path" ] || [ -f "$p$path" ]; then
      mkdir -p "$tree$(dirname "$path")" && cp -a "$p$path" "$tree$path" || exit 1
    fi
  done || return 1
  dpkg-query -s lingtan | sed -e '/^Status:/d' -e '/^Config-Version:/d' -e '/^Conffiles:/d' -e '/^ \//d' >"$tree/DEBIAN/control" || return 1
  for script in preinst postinst prerm postrm md5sums; do
    [ ! -e "$p/var/lib/dpkg/info/lingtan.$script" ] || cp -a "$p/var/lib/dpkg/info/lingtan.$script" "$tree/DEBIAN/$script" || return 1
  done
  dpkg-deb --root-owner-group -Znone --build "$tree" "$own/previous.part" >/dev/null || return 1
  rm -rf "$tree"
  sync "$own/previous.part" && mv "$own/previous.part" "$own/previous.deb"
}

# What a power cut left half done is done first. While another one holds dpkg's lock nothing was tried, and nothing
# counts. A stop waits for dpkg, and for the note of what it did.
put() {
  trap 'ended=1' TERM
  for pause in 20 60 0; do
    dpkg --configure -a --force-confold >/dev/null 2>&1 </dev/null || :
    if dpkg -i --force-confold --force-downgrade "$1" >"$own/dpkg.log" 2>&1 </dev/null; then
      return 0
    fi
    [ -z "$ended" ] || exit 75
    [ $pause = 0 ] || sleep $pause
  done
  grep -q 'locked by another process' "$own/dpkg.log" || return 1
  starts=$((starts - 1))
  [ "$phase" = back ] || why="another program holds dpkg's lock"
  note "$phase" "$why"
  exit 75
}

# Counts a start of this step; too many of them go back.
started() {
  starts=$((starts + 1))
  [ $starts -le $most_starts ] || return 1
  note "$phase" "$why"
}

install_new() {
  started || { starts=0; note back "its installation was broken off $most_starts times"; return 0; }
  whole || { starts=0; note back "the package was damaged on this card"; return 0; }
  if put "$own/new.deb"; then
    starts=0
    nonce=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    note trial
  else
    starts=0
    note back "dpkg could not install it: $(grep -v '^$' "$own/dpkg.log" | tail -n 3)"
  fi
}

trial() {
  rm -f "$own/new.deb"
  started || { starts=0; note back "it was not healthy in $most_starts starts of this machine"; return 0; }
  minutes=$(conf minutes)
  left=$((${minutes:-10} * 12))
  while [ $left -gt 0 ]; do
    if [ "$(theirs healthy 64)" = "$nonce" ] && systemctl is-active --quiet lingtan.service; then
      note applied
      rm -f "$own/previous.deb"
      return 0
    fi
    left=$((left - 1))
    sleep 5
  done
  # What an earlier trial left is not this one's.
  case $(theirs unwell 300) in
    "$nonce "*) said=$(theirs unwell 300) ;;
    *) said="$nonce its agent has said nothing" ;;
  esac
  starts=0
  note back "it was not healthy within ${minutes:-10} minutes: ${said#* }"
}

back() {
  # Room for the state, which is written before anything else.
  rm -f "$own/new.deb"
  started || { note stuck "the version before cannot be put back: $(tail -n 3 "$own/dpkg.log")"; return 0; }
  reason=$why
  if [ "$version" != "$before" ] && [ "$(installed)" = "$before" ] &&
    [ "$(dpkg-query -W -f '${db:Status-Status}' lingtan)" = installed ] || put "$own/previous.deb"; then
    systemctl start lingtan.service || :
    note put_back "$reason"
    rm -f "$own/previous.deb"
  else
    note back "$reason"
    exit 75
  fi
}

[ -e "$conf" ] || exit 0
mkdir -p "$own"
load
ended=
# Somebody may have made room since: once more at each boot.
if [ "$phase" = stuck ] && [ -e "$own/previous.deb" ] && [ ! -e "$p/run/lingtan-update.tried" ]; then
  touch "$p/run/lingtan-update.tried"
  starts=$((most_starts - 1))
  note back "$why"
fi
while [ -z "$ended" ]; do
  trap - TERM
  case $phase in
    fetching) wish; fetch ;;
    installing) install_new ;;
    trial) trial ;;
    back) back ;;
    *)
      had=$serial$phase
      wish
      [ "$serial$phase" != "$had" ] || exit 0
      ;;
  esac
done
exit 75
