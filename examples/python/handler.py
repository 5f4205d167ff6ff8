"""A callback handler on Python's own HTTP server and PyJWT: mirrored partners and customers, data in SQLite.

    pip install -r requirements.txt
    ACRONIS_JWKS=http://127.0.0.1:9180/api/idp/v1/keys ACRONIS_ISSUER=https://acronis.cloud PORT=8080 python3 handler.py
"""

import json
import os
import re
import sqlite3
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

JWKS = os.environ.get("ACRONIS_JWKS", "https://acronis.cloud/api/idp/v1/keys")
ISSUER = os.environ.get("ACRONIS_ISSUER", "https://acronis.cloud")
PORT = int(os.environ.get("PORT", "8080"))
MOST = 1_000_000
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

# One connection and one lock: a change is a transaction, and no two happen at once.
lock = threading.Lock()
db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
db.executescript("""
create table partner (tenant text primary key, vendor_id text not null, enabled integer not null, settings text);
create table customer (partner text not null references partner, tenant text not null, vendor_id text not null, enabled integer
    not null, settings text, primary key (partner, tenant));
""")


class Refusal(Exception):
    """A request that is refused, and why."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def demand(right, status, message):
    if not right:
        raise Refusal(status, message)


def an_object(value):
    demand(isinstance(value, dict), 400, "an object is expected")
    return value


def text(value):
    demand(isinstance(value, str) and value != "", 400, "a text is expected")
    return value


def tenant_id(value):
    demand(UUID.fullmatch(text(value)), 400, "a UUID is expected")
    return value.lower()


def settings(of):
    """Settings as they are stored; None where there are none."""
    value = of.get("settings")
    return None if value is None else json.dumps(an_object(value))


class Keys:
    """The keys of Acronis's identity provider, fetched again when one is not known."""

    def __init__(self):
        self.client = jwt.PyJWKClient(JWKS, cache_keys=True, lifespan=300, timeout=5)

    def of(self, token):
        return self.client.get_signing_key_from_jwt(token).key


keys = Keys()


def check_token(header, endpoint):
    """Whether the token was signed by Acronis, is in time, and permits this endpoint."""
    scheme, _, token = (header or "").partition(" ")
    demand(scheme.lower() == "bearer" and token, 401, "a Bearer token is needed")
    try:
        claims = jwt.decode(
            token,
            keys.of(token),
            # The algorithm is ours to say, not the token's.
            algorithms=["RS256"],
            issuer=ISSUER,
            # An absent claim is a wrong one. `aud` is not documented to be checked, nor are the forms of the others.
            options={"require": ["exp", "iss"], "verify_aud": False, "verify_iat": False, "verify_jti": False, "verify_sub": False},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Refusal(401, "the token is not accepted") from error
    scope = claims.get("scope")
    roles = [entry.get("role") for entry in scope if isinstance(entry, dict)] if isinstance(scope, list) else []
    demand(endpoint in roles, 403, "the token is for another endpoint")


def is_enabled(partner):
    row = db.execute("select enabled from partner where tenant = ?", (partner,)).fetchone()
    return row is not None and row[0] == 1


def partner_get_state(partner, _):
    row = db.execute("select enabled, settings from partner where tenant = ?", (partner,)).fetchone()
    if row is None or not row[0]:
        return {"state": "DISABLED"}
    return {"state": "ENABLED"} | ({} if row[1] is None else {"settings": json.loads(row[1])})


def partner_enable(partner, payload):
    named, _ = tenant_id(payload.get("acronis_tenant_id")), text(payload.get("acronis_tenant_name"))
    demand(named == partner, 403, "the request is about another partner than its context")
    db.execute(
        "insert into partner values (?, ?, 1, ?) on conflict do update set enabled = 1, settings = excluded.settings",
        (partner, f"partner-{uuid.uuid4()}", settings(payload)),
    )
    (vendor_id,) = db.execute("select vendor_id from partner where tenant = ?", (partner,)).fetchone()
    return {"state": "ENABLED", "vendor_tenant_id": vendor_id, "acronis_tenant_id": partner}


def partner_reset(partner, _):
    db.execute("update partner set enabled = 0, settings = null where tenant = ?", (partner,))
    db.execute("update customer set enabled = 0, settings = null where partner = ?", (partner,))


def customers_get_state(partner, _):
    rows = db.execute("select tenant, vendor_id, settings from customer where partner = ? and enabled", (partner,))
    return [
        {"vendor_tenant_id": vendor_id, "acronis_tenant_id": tenant} | ({} if kept is None else {"settings": json.loads(kept)})
        for tenant, vendor_id, kept in rows
    ]


def customers_set_state(partner, payload):
    demand(tenant_id(payload.get("partner_tenant_id")) == partner, 403, "the lists are another partner's")
    text(payload.get("partner_tenant_name"))
    demand(is_enabled(partner), 409, "the partner is not enabled")
    for name in ("enabled", "disabled"):
        demand(isinstance(payload.get(name, []), list), 400, f"{name} is a list")
    for entry in payload.get("disabled", []):
        tenant = tenant_id(an_object(entry).get("acronis_tenant_id"))
        db.execute("update customer set enabled = 0, settings = null where partner = ? and tenant = ?", (partner, tenant))
    for entry in payload.get("enabled", []):
        tenant, _ = tenant_id(an_object(entry).get("acronis_tenant_id")), text(entry.get("acronis_tenant_name"))
        db.execute(
            "insert into customer values (?, ?, ?, 1, ?) on conflict do update set enabled = 1, settings = excluded.settings",
            (partner, tenant, f"customer-{uuid.uuid4()}", settings(entry)),
        )


CALLBACKS = {
    f"cti.a.p.acgw.callback.v2.0~a.p.{name}.v1.0": (f"cti.a.p.acgw.response.v1.1~a.p.{name}.ok.v1.0", function, takes_payload)
    for name, function, takes_payload in [
        ("partner.mirroring.get_state", partner_get_state, False),
        ("partner.mirroring.enable", partner_enable, True),
        ("partner.mirroring.reset", partner_reset, False),
        ("customer.mirroring.get_state", customers_get_state, False),
        ("customer.mirroring.set_state", customers_set_state, True),
    ]
}


def answer(headers, body):
    context = an_object(an_object(body).get("context"))
    demand(UUID.fullmatch(text(body.get("request_id"))), 400, "request_id is a UUID")
    check_token(headers.get("Authorization"), text(context.get("endpoint_id")))
    response_type, function, takes_payload = CALLBACKS.get(text(context.get("callback_id")), (None, None, None))
    demand(function, 404, "the callback is not known")
    partner = tenant_id(context.get("tenant_id"))
    payload = an_object(body.get("payload")) if takes_payload else None
    with lock, db:
        # All of a request or nothing: whatever is raised inside rolls back.
        db.execute("begin")
        result = function(partner, payload)
    told = {"type": response_type, "request_id": body["request_id"], "response_id": str(uuid.uuid4())}
    return told if result is None else told | {"payload": result}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = None
        try:
            length = self.headers.get("Content-Length", "")
            demand(length.isascii() and length.isdigit(), 411, "Content-Length is needed")
            demand(int(length) <= MOST, 413, "the body is too large")
            raw = self.rfile.read(int(length))
            try:
                body = json.loads(raw.decode("utf-8"), parse_constant=lambda name: demand(False, 400, f"{name} is not JSON"))
                json.dumps(body, ensure_ascii=False).encode("utf-8")
            except (ValueError, RecursionError) as error:
                raise Refusal(400, "the body is not JSON") from error
            status, told = 200, answer(self.headers, body)
        except Refusal as refusal:
            status, told = refusal.status, self.refused(body, str(refusal))
        except Exception as error:  # noqa: BLE001
            print(f"failed: {error!r}", file=sys.stderr)
            status, told = 500, self.refused(body, "internal error")
        # What was not read would be taken for the next request.
        self.close_connection |= status in (411, 413)
        sent = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(sent)

    @staticmethod
    def refused(body, message):
        told = {"response_id": str(uuid.uuid4()), "err_message": message}
        request_id = body.get("request_id") if isinstance(body, dict) else None
        return told | ({"request_id": request_id} if isinstance(request_id, str) and UUID.fullmatch(request_id) else {})

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        # A client that went away is nobody to tell.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


if __name__ == "__main__":
    print(f"http://127.0.0.1:{PORT}/callback", flush=True)
    Server(("127.0.0.1", PORT), Handler).serve_forever()
