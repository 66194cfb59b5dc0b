#!/usr/bin/env python3
"""Gives gateways their certificates: an EST server (RFC 7030) over the authority of ca.sh. Needs openssl.

  est.py token DIR --est HOST:PORT --broker HOST:PORT (--gateway ID | --next wx-{:03d}) [--expires 7d]
      prints what a gateway's sticker says, for `lingtan label --enroll` or `lingtan enroll`
  est.py serve DIR [--listen 0.0.0.0:8443] [--life 120d]
      answers /.well-known/est/cacerts, simpleenroll (with a token) and simplereenroll (with a certificate of DIR)
  est.py list DIR
      the tokens: whose, until when, used or not

A token is good for one key: who asks with it first binds it to the key of the request, and the same request again (after a
power cut, say) gets the same certificate. Kept is its SHA-256 alone. What is in DIR/acl is nobody's gateway id. DIR/issued
has all certificates that were given out; `ca.sh revoke DIR ID` ends them, here at once.
"""

import argparse
import base64
import binascii
import contextlib
import fcntl
import hashlib
import http.server
import json
import os
import re
import secrets
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TAKEN = {"ca", "server", "est", "crl"}
MOST_BODY = 16 * 1024
MOST_AT_ONCE = 32
LONGEST_SECONDS = 20
MOST_WRONG = 10
WRONG_SECONDS = 600
MOST_ADDRESSES = 10_000


class Refused(Exception):
    """What a request is answered with: an HTTP status and a sentence."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def seconds(text):
    """60d, 12h, 30m or 120s."""
    found = re.fullmatch(r"(\d+)([dhms])", text)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"'{text}' is no time such as 60d 12h 30m 120s")
    return int(found[1]) * {"d": 86400, "h": 3600, "m": 60, "s": 1}[found[2]]


def place(text):
    """HOST:PORT."""
    if not re.fullmatch(r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not HOST:PORT")
    return text


def openssl(*words, given=None):
    done = subprocess.run(["openssl", *words], input=given, capture_output=True, timeout=20)
    if done.returncode:
        raise Refused(400, "openssl: " + done.stderr.decode(errors="replace").strip()[:300])
    return done.stdout


def der(pem):
    return base64.b64decode(re.search(rb"-----BEGIN [A-Z ]+-----([^-]+)-----", pem)[1])


def write(path, text):
    """As a whole, and on the disk when it returns."""
    fresh = path + ".new"
    with open(fresh, "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Authority:
    """The folder of ca.sh. What is read and then written is under a lock that other processes see too."""

    def __init__(self, folder):
        self.folder = folder
        if not os.path.exists(self.file("ca.key")):
            sys.exit(f"est.py: {folder} has no authority (ca.key): make one with ca.sh init {folder} HOST")
        for name in ("tokens", "issued"):
            os.makedirs(self.file(name), mode=0o700, exist_ok=True)

    def file(self, *names):
        return os.path.join(self.folder, *names)

    @contextlib.contextmanager
    def alone(self):
        with open(self.file("tokens", ".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def is_gateway_id(self, name):
        if not ID.fullmatch(name) or name in TAKEN:
            return False
        with open(self.file("acl")) as acl:
            return not any(line.split() == ["user", name] for line in acl)

    def revoked(self):
        """Serial numbers, hexadecimal, as ca.sh revoke writes them."""
        try:
            with open(self.file("index.txt")) as index:
                return {line.split("\t")[3].lstrip("0") for line in index if line.startswith("R\t")}
        except FileNotFoundError:
            return set()

    def new_token(self, gateway, pattern, expires):
        token = secrets.token_urlsafe(16)
        said = {"gateway": gateway, "next": pattern, "expires": int(time.time()) + expires, "key": None, "serial": None}
        with self.alone():
            write(self.file("tokens", hashlib.sha256(token.encode()).hexdigest()), json.dumps(said) + "\n")
        return token

    def next_id(self, pattern):
        for number in range(1, 100_000):
            name = pattern.format(number)
            is_free = not os.path.exists(self.file(name + ".pem")) and not os.path.exists(self.file("issued", name))
            if is_free and self.is_gateway_id(name):
                return name
        raise Refused(403, "no id is free")

    def enrol(self, token, request, life):
        """The certificate for who has a token; the same again for the same key."""
        path = self.file("tokens", hashlib.sha256(token.encode(errors="replace")).hexdigest())
        key = hashlib.sha256(public_key(request)).hexdigest()
        with self.alone():
            try:
                with open(path) as file:
                    said = json.load(file)
            except FileNotFoundError:
                raise Refused(401, "there is no such token") from None
            if said["expires"] < time.time():
                raise Refused(403, "the token has expired")
            if said["key"] not in (None, key):
                raise Refused(403, "the token has been used for another key")
            if said["serial"]:
                with open(self.file("issued", said["gateway"], said["serial"] + ".pem")) as file:
                    return said["gateway"], said["serial"], file.read().encode()
            said["gateway"] = said["gateway"] or self.next_id(said["next"])
            if not self.is_gateway_id(said["gateway"]):
                raise Refused(403, "its id is another's in the acl")
            said["key"] = key
            said["serial"] = None
            write(path, json.dumps(said) + "\n")
            serial, certificate = self.issue(request, said["gateway"], life)
            said["serial"] = serial
            write(path, json.dumps(said) + "\n")
            return said["gateway"], serial, certificate

    def renew(self, peer, request, life):
        """The next certificate of who shows one."""
        names = {field: value for part in peer["subject"] for field, value in part}
        name = names.get("commonName", "")
        if names.get("organizationalUnitName") != "gateway" or not self.is_gateway_id(name):
            raise Refused(403, "only gateways renew their certificates here")
        public_key(request)
        subject = openssl("req", "-inform", "DER", "-noout", "-subject", "-nameopt", "multiline", given=request).decode()
        if not re.search(rf"^\s*commonName\s*= {re.escape(name)}$", subject, re.M):
            raise Refused(400, "the request is for another name than the certificate")
        with self.alone():  # ca.sh revoke has the same lock: no certificate is given out while it collects them
            if peer["serialNumber"].lower().lstrip("0") in {each.lower() for each in self.revoked()}:
                raise Refused(403, "the certificate is revoked")
            serial, certificate = self.issue(request, name, life)
        return name, serial, certificate

    def issue(self, request, name, life):
        serial = "01" + secrets.token_hex(15)
        now = time.time()
        begin, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at)) for at in (now - min(60, life / 20), now + life))
        with tempfile.NamedTemporaryFile("w", suffix=".ext") as more:
            more.write("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n")
            more.write(f"extendedKeyUsage=clientAuth\nsubjectAltName=DNS:{name}\n")
            more.flush()
            certificate = openssl(
                "x509", "-req", "-inform", "DER", "-CA", self.file("ca.pem"), "-CAkey", self.file("ca.key"), "-sha256",
                "-set_serial", "0x" + serial, "-set_subject", f"/OU=gateway/CN={name}", "-not_before", begin, "-not_after", end,
                "-extfile", more.name, given=request)
        os.makedirs(self.file("issued", name), mode=0o700, exist_ok=True)
        write(self.file("issued", name, serial + ".pem"), certificate.decode())
        return serial, certificate

    def pin(self):
        """SHA-256 of the server's public key, as the sticker has it: it outlives the certificate."""
        public = openssl("x509", "-in", self.file("est.pem"), "-noout", "-pubkey")
        return base64.urlsafe_b64encode(hashlib.sha256(der(public)).digest()).decode().rstrip("=")


def public_key(request):
    """Of a request that proves that its sender has the private one: EC P-256, which is what gateways make."""
    text = openssl("req", "-inform", "DER", "-noout", "-verify", "-pubkey", given=request)
    if b"prime256v1" not in openssl("pkey", "-pubin", "-noout", "-text", given=text):
        raise Refused(400, "the key is not EC P-256")
    return der(text)


class WrongTokens:
    """So many of one address, then it waits. A token has 128 bits: this only keeps the log short and the disk quiet."""

    def __init__(self):
        self.lock = threading.Lock()
        self.of = {}

    def check(self, address):
        with self.lock:
            count, since = self.of.get(address, (0, 0))
            if count >= MOST_WRONG and time.monotonic() - since < WRONG_SECONDS:
                raise Refused(429, "too many wrong tokens; try again in ten minutes")

    def add(self, address):
        with self.lock:
            count, since = self.of.pop(address, (0, time.monotonic()))
            if time.monotonic() - since >= WRONG_SECONDS:
                count, since = 0, time.monotonic()
            self.of[address] = (count + 1, since)
            if len(self.of) > MOST_ADDRESSES:
                del self.of[next(iter(self.of))]


class Handler(http.server.BaseHTTPRequestHandler):
    server_version = "lingtan-est"
    sys_version = ""

    def version_string(self):
        return self.server_version

    def log_message(self, format, *words):
        print(self.client_address[0], format % words, flush=True)

    def answer(self, status, body, kind="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if kind != "text/plain":
            self.send_header("Content-Transfer-Encoding", "base64")
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="token"')
        if status == 429:
            self.send_header("Retry-After", str(WRONG_SECONDS))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def handle_with(self, work):
        try:
            self.answer(200, work(), "application/pkcs7-mime; smime-type=certs-only")
        except Refused as no:
            self.log_message("refused: %s", no)
            self.answer(no.status, (str(no) + "\n").encode())
        except (OSError, ValueError, KeyError, subprocess.SubprocessError) as trouble:
            self.log_message("failed: %r", trouble)
            self.answer(500, b"the authority cannot do it now; try again later\n")

    def do_GET(self):
        def work():
            if self.path != "/.well-known/est/cacerts":
                raise Refused(404, "there is nothing here")
            return certs_only(open(self.server.authority.file("ca.pem"), "rb").read())

        self.handle_with(work)

    def do_POST(self):
        def work():
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > MOST_BODY:
                raise Refused(413, f"a request has {MOST_BODY} bytes at most")
            try:
                request = base64.b64decode(self.rfile.read(int(length)))
            except binascii.Error:
                raise Refused(400, "the request is not base64") from None
            authority, life = self.server.authority, self.server.life
            if self.path == "/.well-known/est/simpleenroll":
                name, serial, certificate = self.enrol(authority, request, life)
            elif self.path == "/.well-known/est/simplereenroll":
                peer = self.connection.getpeercert()
                if not peer:
                    raise Refused(403, "show the certificate that is to be renewed")
                name, serial, certificate = authority.renew(peer, request, life)
            else:
                raise Refused(404, "there is nothing here")
            self.log_message("%s has certificate %s", name, serial)
            return certs_only(certificate)

        self.handle_with(work)

    def enrol(self, authority, request, life):
        wrong, address = self.server.wrong, self.client_address[0]
        wrong.check(address)
        given = self.headers.get("Authorization", "")
        try:
            token = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")[2]
        except ValueError:
            token = ""
        if not given.startswith("Basic ") or not token:
            raise Refused(401, "a token is asked for")
        try:
            return authority.enrol(token, request, life)
        except Refused as no:
            if no.status in (401, 403):
                wrong.add(address)
            raise


def certs_only(pem):
    """PKCS#7, base64, as EST answers."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(pem)
        file.flush()
        return base64.encodebytes(openssl("crl2pkcs7", "-nocrl", "-certfile", file.name, "-outform", "DER"))


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, authority, life):
        self.authority = authority
        self.life = life
        self.wrong = WrongTokens()
        self.places = threading.BoundedSemaphore(MOST_AT_ONCE)
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, Handler)

    def tls(self):
        """Made for each connection, so that a renewed certificate needs no restart."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.authority.file("est.pem"), self.authority.file("est.key"))
        context.load_verify_locations(self.authority.file("ca.pem"))
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def process_request(self, request, client_address):
        if self.places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()

    def finish_request(self, request, client_address):
        def over():
            with contextlib.suppress(OSError):
                request_or_tls[0].shutdown(socket.SHUT_RDWR)

        request_or_tls = [request]
        end = threading.Timer(LONGEST_SECONDS, over)  # however slowly somebody sends
        end.daemon = True
        end.start()
        try:
            request.settimeout(10)
            with self.tls().wrap_socket(request, server_side=True) as secure:
                request_or_tls[0] = secure
                self.RequestHandlerClass(secure, client_address, self)
        except OSError as trouble:
            print(client_address[0], "no connection:", trouble, flush=True)
        finally:
            end.cancel()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer gateways")
    serve.add_argument("dir")
    serve.add_argument("--listen", type=place, default="0.0.0.0:8443")
    serve.add_argument("--life", type=seconds, default="120d", help="of certificates (120d)")
    token = commands.add_parser("token", help="make one, and print what the sticker says")
    token.add_argument("dir")
    token.add_argument("--est", type=place, required=True, help="where gateways reach this server")
    token.add_argument("--broker", type=place, required=True, help="where they send records, by TLS")
    who = token.add_mutually_exclusive_group(required=True)
    who.add_argument("--gateway", help="whose it is")
    who.add_argument("--next", help="pattern such as wx-{:03d}: the next id that is free when it is used")
    token.add_argument("--expires", type=seconds, default="7d", help="(7d)")
    commands.add_parser("list", help="the tokens").add_argument("dir")
    asked = parser.parse_args()
    authority = Authority(asked.dir)
    if asked.command == "list":
        for name in sorted(os.listdir(authority.file("tokens"))):
            if re.fullmatch("[0-9a-f]{64}", name):
                said = json.load(open(authority.file("tokens", name)))
                state = "used" if said["key"] else "expired" if said["expires"] < time.time() else "open"
                until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(said["expires"]))
                print(said["gateway"] or said["next"], state, "until", until)
        return
    if not os.path.exists(authority.file("est.key")):
        sys.exit(f"est.py: {asked.dir} has no est.key: make it with ca.sh est {asked.dir} HOST")
    if asked.command == "serve":
        host, _, port = asked.listen.rpartition(":")
        with Server((host.strip("[]"), int(port)), authority, asked.life) as server:
            print("listening on port", server.server_address[1], flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever()
        return
    try:
        first = asked.gateway or asked.next.format(1)
    except (IndexError, KeyError, ValueError):
        first = ""
    if not authority.is_gateway_id(first) or (asked.next and first == asked.next.format(2)):
        sys.exit(f"est.py: '{asked.gateway or asked.next}' gives no gateway's id: 1 to 64 of A-Z a-z 0-9 _ - that the acl does not name")
    said = [("est", asked.est), ("pin", authority.pin()), ("token", authority.new_token(asked.gateway, asked.next, asked.expires)),
            ("broker", asked.broker)] + ([("gateway", asked.gateway)] if asked.gateway else [])
    print("lingtan-enroll:1," + ",".join(f"{key}={value}" for key, value in said))


if __name__ == "__main__":
    main()
