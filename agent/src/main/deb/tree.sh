#!/bin/sh
# Puts together what the package installs, in $2/root and $2/control, from the app folder $1 and the bill of its jars
# $4, for version $3.
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
app=$1
out=$2
version=$3
bill=$4
config=$here/../../../../config
# As with Debian's tools, whoever builds a package says who answers for it; "invalid" is nobody's domain (RFC 2606).
maintainer="${DEBFULLNAME:-Lingtan} <${DEBEMAIL:-nobody@lingtan.invalid}>"
root=$out/root

rm -rf "$out"
mkdir -p "$root/usr/lib/lingtan" "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/usr/lib/sysusers.d" \
  "$root/usr/lib/udev/rules.d" "$root/usr/lib/modules-load.d" "$root/usr/share/lingtan" \
  "$root/usr/share/doc/lingtan" "$root/usr/share/man/man1" "$out/control"

cp -r "$app/bin" "$root/usr/lib/lingtan/bin"
java "$here/Slim.java" "$app/lib" "$root/usr/lib/lingtan/lib"
java -cp "$(ls "$app"/lib/jackson-core-*.jar)" "$here/Sbom.java" "$bill" "$root/usr/lib/lingtan/lib" \
  "$root/usr/share/doc/lingtan/sbom.cdx.json"
cp "$here/reload.sh" "$here/update.sh" "$root/usr/lib/lingtan/"
cp "$here/lingtan.service" "$here/lingtan-update.service" "$here/lingtan-update.path" "$root/usr/lib/systemd/system/"
cp "$here/lingtan.sysusers" "$root/usr/lib/sysusers.d/lingtan.conf"
cp "$here/lingtan.rules" "$root/usr/lib/udev/rules.d/60-lingtan.rules"
cp "$here/lingtan.modules" "$root/usr/lib/modules-load.d/lingtan.conf"
cp "$config/deploy/site.yaml" "$root/usr/share/lingtan/site.yaml"
cp "$here/copyright" "$root/usr/share/doc/lingtan/copyright"
cp "$config/README.md" "$root/usr/share/doc/lingtan/config.md"
cp "$config/deploy/README.md" "$root/usr/share/doc/lingtan/deploy.md"
for page in AUDITOR METERS MQTT SPARKPLUG TECHNICIAN; do
  cp "$config/$page.md" "$root/usr/share/doc/lingtan/$page.md"
done
fill() {
  sed "s/\[\[version]]/$version/; s/\[\[journalVersion]]/$journal/; s|\[\[maintainer]]|$maintainer|" "$1"
}
journal=$(sed -n 's/.*int VERSION = \([0-9]*\);.*/\1/p' "$here/../java/io/lingtan/agent/journal/Schema.java")
[ -n "$journal" ] || { echo "Schema.java does not say which form of the journal it reads" >&2; exit 1; }

fill "$here/changelog" | gzip -9n >"$root/usr/share/doc/lingtan/changelog.gz"
gzip -9nc "$here/lingtan.1" >"$root/usr/share/man/man1/lingtan.1.gz"

for file in "$here"/control/*; do
  fill "$file" >"$out/control/$(basename "$file")"
done
