#!/bin/sh
# A certificate authority for the broker, its gateways and those who read from it. Needs openssl.
set -eu

usage() {
  cat <<'END'
usage: ca.sh init DIR HOST...         makes an authority in DIR and the broker's certificate for HOST...
       ca.sh gateway DIR ID...        certificates of gateways, one per gateway id
       ca.sh central DIR NAME...      certificates of those who read all and may send commands
       ca.sh reader DIR NAME...       certificates of those who only read
       ca.sh server DIR HOST...       a new certificate for the broker (another host, or before the old one ends)
       ca.sh est DIR HOST...          the certificate of est.py, by which gateways enrol; its key stays, since stickers name it
       ca.sh revoke DIR NAME...       ends all certificates and stickers of NAME: in DIR/crl.pem, which the broker reads, and at est.py
       ca.sh crl DIR                  DIR/crl.pem of an authority that has none yet
       ca.sh list DIR                 whose certificates end when

HOST is a name or an IP address under which gateways reach the broker.
Every certificate is DIR/NAME.pem with its key DIR/NAME.key, and its name is client id and user at the broker: one
connection each. DIR/acl says who may do what. What is there is never written over, but for the broker's certificate.
DAYS=730 in the environment says how long a certificate lasts; the authority itself lasts 20 years.
END
}

fail() {
  echo "ca.sh: $*" >&2
  exit 2
}

# An EC P-256 key that only its owner reads. It is there before anything is signed for it.
key() {
  (umask 077 && openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1")
}

# sign NAME OU USAGE EXTENSION [KEY]: DIR/NAME.key, a copy of KEY if there is one, and DIR/NAME.pem, by the authority of DIR.
sign() {
  [ -f "$dir/ca.key" ] || fail "$dir has no authority (ca.key): make one with ca.sh init $dir HOST"
  if [ -f "${5:-}" ]; then cp -p "$5" "$dir/$1.key.new"; else key "$dir/$1.key.new"; fi
  openssl req -new -key "$dir/$1.key.new" -subj "/OU=$2/CN=$1" -out "$dir/$1.csr"
  printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=%s\n%s\n' "$3" "$4" \
    >"$dir/$1.ext"
  openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -days "$days" -sha256 \
    -extfile "$dir/$1.ext" -out "$dir/$1.pem.new" 2>"$dir/$1.log" || { cat "$dir/$1.log" >&2; exit 1; }
  mv "$dir/$1.key.new" "$dir/$1.key"
  mv "$dir/$1.pem.new" "$dir/$1.pem"
  rm -f "$dir/$1.csr" "$dir/$1.ext" "$dir/$1.log"
  echo "$dir/$1.pem $dir/$1.key"
}

# The names that a server certificate is valid for: an address is not a name.
names() {
  list=
  for host in "$@"; do
    case $host in
      *[!A-Za-z0-9.:-]* | '') fail "'$host' is neither a host name nor an IP address" ;;
      *:*) kind=IP ;;
      *[!0-9.]*) kind=DNS ;;
      *) kind=IP ;;
    esac
    list=$list${list:+,}$kind:$host
  done
  echo "subjectAltName=$list"
}

# client KIND NAME RIGHTS: NAME is user and client id at the broker, 1 to 64 of A-Z a-z 0-9 _ -
client() {
  case $2 in
    '' | *[!A-Za-z0-9_-]*) fail "'$2' cannot be an id: it takes 1 to 64 letters, digits, _ and -" ;;
    ca | server | est | crl) fail "'$2' is taken by a file of the authority" ;;
  esac
  [ "${#2}" -le 64 ] || fail "'$2' cannot be an id: it has ${#2} characters, and 64 are allowed"
  [ ! -e "$dir/$2.pem" ] || fail "$dir/$2.pem is there already; to renew it, move it and its key away first"
  [ ! -e "$dir/issued/$2" ] || fail "'$2' is a gateway that has enrolled at est.py"
  sign "$2" "$1" clientAuth "subjectAltName=DNS:$2"
  [ -z "$3" ] || printf '\nuser %s\n%s\n' "$2" "$3" >>"$dir/acl"
}

# revocations ARGUMENT...: openssl's book of what is revoked, DIR/index.txt.
revocations() {
  [ -f "$dir/ca.key" ] || fail "$dir has no authority (ca.key): make one with ca.sh init $dir HOST"
  [ -f "$dir/index.txt" ] || (umask 077 && : >"$dir/index.txt")
  echo 'unique_subject = no' >"$dir/index.txt.attr"
  printf '[ca]\ndefault_ca=a\n[a]\ndatabase=%s/index.txt\ncertificate=%s/ca.pem\nprivate_key=%s/ca.key\n' "$dir" "$dir" "$dir" >"$dir/ca.cnf"
  printf 'default_md=sha256\ndefault_crl_days=7305\npolicy=p\n[p]\ncommonName=supplied\n' >>"$dir/ca.cnf"
  openssl ca -config "$dir/ca.cnf" "$@" 2>"$dir/ca.log" || { cat "$dir/ca.log" >&2; exit 1; }
  rm -f "$dir/ca.log" "$dir/ca.cnf"
}

# A broker whose list has ended lets nobody in, so it lasts as long as the authority: it is always the newest that counts.
crl() {
  revocations -gencrl -out "$dir/crl.pem.new"
  chmod 644 "$dir/crl.pem.new" && mv "$dir/crl.pem.new" "$dir/crl.pem"
}

revoke() {
  found=
  for file in "$dir/$1.pem" "$dir/issued/$1/"*.pem; do
    [ -f "$file" ] || continue
    found=1
    serial=$(openssl x509 -in "$file" -noout -serial | cut -d= -f2)
    grep -qi "^R.*$serial" "$dir/index.txt" 2>/dev/null || revocations -revoke "$file"
  done
  for token in "$dir/tokens/"*; do
    if grep -qs "\"gateway\": \"$1\"" "$token"; then
      rm "$token"
      found=1
    fi
  done
  [ -n "$found" ] || fail "there is no certificate and no sticker of '$1' in $dir"
}

[ $# -ge 2 ] || { usage >&2; exit 2; }
command -v openssl >/dev/null || fail "openssl is not installed: apt install openssl"
what=$1 dir=$2
shift 2
days=${DAYS:-730}
case $days in '' | *[!0-9]*) fail "DAYS is '$days'; it is a number of days" ;; esac

case $what in
  init)
    [ $# -ge 1 ] || fail "init wants the host names of the broker: ca.sh init $dir HOST..."
    [ ! -e "$dir/ca.key" ] || fail "$dir/ca.key is there already: every gateway trusts it, so it is never replaced"
    alternatives=$(names "$@")
    mkdir -p "$dir"
    key "$dir/ca.key"
    openssl req -x509 -key "$dir/ca.key" -sha256 -days 7305 -subj "/CN=Lingtan authority" \
      -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign -out "$dir/ca.pem"
    echo "$dir/ca.pem $dir/ca.key"
    sign server broker serverAuth "$alternatives"
    cp "$(dirname "$0")/acl" "$dir/acl"
    crl
    ;;
  server)
    [ $# -ge 1 ] || fail "server wants the host names of the broker: ca.sh server $dir HOST..."
    alternatives=$(names "$@")
    sign server broker serverAuth "$alternatives"
    ;;
  est)
    [ $# -ge 1 ] || fail "est wants the host names of est.py: ca.sh est $dir HOST..."
    alternatives=$(names "$@")
    sign est est serverAuth "$alternatives" "$dir/est.key"
    ;;
  revoke)
    [ $# -ge 1 ] || fail "revoke wants names: ca.sh revoke $dir wx-htz-017"
    if [ -d "$dir/tokens" ]; then
      exec 9>"$dir/tokens/.lock"
      flock 9 # est.py gives nothing out meanwhile
    fi
    for name in "$@"; do
      case $name in '' | ca | *[!A-Za-z0-9_-]*) fail "'$name' is nobody whose certificates can be revoked" ;; esac
      revoke "$name"
    done
    crl
    ;;
  crl) crl ;;
  gateway)
    [ $# -ge 1 ] || fail "gateway wants ids: ca.sh gateway $dir wx-htz-017"
    for name in "$@"; do client gateway "$name" ''; done
    ;;
  central)
    [ $# -ge 1 ] || fail "central wants names: ca.sh central $dir archive"
    for name in "$@"; do
      client central "$name" "topic read lingtan/v1/#
topic write lingtan/v1/+/cmd/+
topic write lingtan/v1/+/desired/+"
    done
    ;;
  reader)
    [ $# -ge 1 ] || fail "reader wants names: ca.sh reader $dir dashboard"
    for name in "$@"; do client reader "$name" "topic read lingtan/v1/#"; done
    ;;
  list)
    for file in "$dir"/*.pem "$dir"/issued/*/*.pem; do
      [ -f "$dir/ca.pem" ] || fail "$dir holds no certificates"
      case $file in */crl.pem | *'*'*) continue ;; esac
      openssl x509 -in "$file" -noout -subject -enddate -nameopt RFC2253 |
        sed -n 's/^subject=\(.*\)/\1/p; s/^notAfter=\(.*\)/  ends \1/p' | paste -s -d ' ' -
    done
    ;;
  *) usage >&2; exit 2 ;;
esac
