# shellcheck shell=sh
# Sourced by the launchers: sets java to a Java 25 or newer, or says what to install and exits 2.

# Prints the major version of the JDK that command $1 belongs to, or 0. The JDK's `release` file tells it
# without starting a JVM.
java_version() {
  version=
  release=$(readlink -f -- "$1") && release=${release%/bin/java}/release
  if [ -r "$release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release")
  elif [ -x "$1" ]; then
    version=$("$1" -version 2>&1 | sed -n '1s/.* version "\([0-9]*\).*/\1/p')
  fi
  echo "${version:-0}"
}

java=
if [ -n "${LINGTAN_JAVA-}" ]; then
  set_by_hand=$(command -v -- "$LINGTAN_JAVA" || echo "$LINGTAN_JAVA")
  if [ ! -x "$set_by_hand" ] || [ "$(java_version "$set_by_hand")" -lt 25 ]; then
    echo "LINGTAN_JAVA=$LINGTAN_JAVA is not a Java 25 or newer: point it at one, or unset it" >&2
    exit 2
  fi
  java=$set_by_hand
else
  for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || :)" \
    /usr/lib/jvm/*25*/bin/java /usr/lib/jvm/*/bin/java; do
    if [ -x "$candidate" ] && [ "$(java_version "$candidate")" -ge 25 ]; then
      java=$candidate
      break
    fi
  done
fi
if [ -z "$java" ]; then
  echo "Java 25 or newer is needed and was not found: sudo apt-get install openjdk-25-jre-headless" >&2
  exit 2
fi
