"""Consumes the test vectors as a vendor's unit tests would: consume.py VECTORS SCHEMAS

Knows nothing of acgw but the files of VECTORS, what their README says, and the JSON Schemas of SCHEMAS. Every part of a handler that
the vectors test is written here once more, the shortest way: with PyJWT, base64, json and jsonschema.
"""

import base64
import datetime
import json
import pathlib
import re
import sys
from unittest import mock

import jsonschema
import jwt
import referencing

VECTORS, SCHEMAS = map(pathlib.Path, sys.argv[1:3])


class Refused(Exception):
    """What the code under test raises for what it refuses; anything else is a crash."""


# The code under test.


def parse_cti(text):
    """The parts of a CTI identifier: a regular expression, and two rules that it does not say."""
    if len(text) > 1024 or not CTI.fullmatch(text):
        raise Refused("no identifier")
    *contexts, last = text.removeprefix("cti.").split("~")
    uuid = last if UUID.fullmatch(last) else None
    if uuid is None:
        contexts.append(last)
    parts = []
    for context in contexts:
        vendor, package, rest = context.split(".", 2)
        name, _, version = rest.rpartition(".v")
        major, minor = map(int, version.split("."))
        if max(major, minor) >= 2**63:
            raise Refused("a version number is too large")
        parts.append({"vendor": vendor, "package": package, "entity_name": name, "major": major, "minor": minor})
    parent = text.rpartition("~")[0] or None
    return {"contexts": parts, "uuid": uuid, "parent": parent}


def decode_auth(header):
    """Identity and secrets of X-CyberApp-Auth."""
    if header is None:
        raise Refused("absent")
    try:
        identity, colon, secrets = base64.b64decode(header, validate=True).decode().partition(":")
        if not colon:
            raise Refused("no colon")
        return {"identity": identity, "secrets": json.loads(secrets)}
    except ValueError as error:
        raise Refused(str(error)) from error


def decode_extra(header):
    """The object of X-CyberApp-Extra."""
    if header is None:
        raise Refused("absent")
    try:
        value = json.loads(base64.b64decode(header, validate=True).decode())
    except ValueError as error:
        raise Refused(str(error)) from error
    if not isinstance(value, dict):
        raise Refused("no object")
    return value


def verify_token(authorization, keys, issuer, endpoint):
    """Header and claims of a right token."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme != "Bearer":
        raise Refused("no Bearer token")
    try:
        header = jwt.get_unverified_header(token)
        key = next((key for key in keys.keys if key.key_id == header.get("kid")), None)
        if key is None:
            raise Refused("the key is not published")
        options = {"require": ["exp", "iss", "scope"], "verify_aud": False}
        claims = jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, options=options)
    except jwt.PyJWTError as error:
        raise Refused(str(error)) from error
    scope = claims["scope"]
    roles = [entry.get("role") for entry in scope if isinstance(entry, dict)] if isinstance(scope, list) else []
    if endpoint not in roles:
        raise Refused("for another endpoint")
    return {"header": header, "claims": claims}


def read_request(body, token_role, callbacks):
    """Which callback is asked for, and the request."""
    try:
        request = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(str(error)) from error
    if not isinstance(request, dict) or not isinstance(request.get("request_id"), str):
        raise Refused("no request")
    context = request.get("context")
    if not isinstance(context, dict):
        raise Refused("no context")
    if context.get("endpoint_id") != token_role:
        raise Refused("the token is for another endpoint")
    name = next((name for name, callback in callbacks.items() if callback == context.get("callback_id")), None)
    if name is None:
        raise Refused("no such callback")
    return {"callback": name, "request": request}


def read_response(callback, callback_id, request_id, request_is_right, status, body):
    """What a gateway makes of an answer."""
    answer = json.loads(body)
    schema = f"{callback}.response" if status == 200 else "error_response"
    errors = list(validator(f"{schema}.schema.json").iter_errors(answer))
    if errors:
        raise Refused(errors[0].message)
    payload = answer.get("payload")
    items = payload.get("items", []) if isinstance(payload, dict) else payload or []
    ids = [item.get("id") or item["vendor_tenant_id"] for item in items]
    if len(set(ids)) < len(ids):
        raise Refused("one is listed twice")
    if answer["request_id"] != request_id:
        raise Refused("the answer to another request")
    if status != 200:
        if not answer["err_message"].strip():
            raise Refused("nothing is told")
        return {"kind": "error", "err_message": answer["err_message"]}
    return {"kind": "success"} | ({"payload": answer["payload"]} if "payload" in answer else {})


# The schemas, with formats asserted; `uuid` as JSON Schema has it, and `cti`.

UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
SCHEMA_TEXTS = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
CTI = re.compile(SCHEMA_TEXTS["cti.schema.json"]["pattern"].removeprefix("^").removesuffix("$"))
REGISTRY = referencing.Registry().with_resources(
    (text["$id"], referencing.Resource.from_contents(text)) for text in SCHEMA_TEXTS.values()
)
FORMATS = jsonschema.FormatChecker(formats=[])
FORMATS.checks("uuid")(lambda text: not isinstance(text, str) or UUID.fullmatch(text) is not None)
FORMATS.checks("cti")(lambda text: not isinstance(text, str) or is_cti(text))
FORMATS.checks("date-time")(lambda text: not isinstance(text, str) or RFC3339.fullmatch(text) is not None)


def is_cti(text):
    try:
        return bool(parse_cti(text))
    except Refused:
        return False


def validator(name):
    return jsonschema.Draft202012Validator(SCHEMA_TEXTS[name], registry=REGISTRY, format_checker=FORMATS)


# The tests: one function a file, from a vector's input to its result.


def frozen(now):
    """The clock of PyJWT, which has no setting for it."""

    class Still(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(now, tz)

    return mock.patch("jwt.api_jwt.datetime", Still)


def token(context):
    keys = jwt.PyJWKSet.from_dict(context["jwks"])

    def run(input):
        with frozen(context["now"]):
            return verify_token(input["authorization"], keys, context["issuer"], context["endpoint_id"])

    return run


def auth(context):
    def run(input):
        decoded = decode_auth(input["header"])
        if decoded not in context["partners"]:
            raise Refused("nobody's credentials")
        return decoded

    return run


def request(context):
    def run(input):
        body = input["body"].encode() if "body" in input else base64.b64decode(input["body_base64"])
        return read_request(body, context["token_role"], context["callbacks"])

    return run


RUN = {
    "cti": lambda context: lambda input: parse_cti(input["text"]),
    "cyberapp-auth": auth,
    "cyberapp-extra": lambda context: lambda input: decode_extra(input["header"]),
    "token": token,
    "request": request,
    "response": lambda context: lambda input: read_response(**input),
}


def differs(vector, run):
    """How the code's outcome differs from the vector's; None where it is right."""
    try:
        result = run(vector["input"])
    except Refused as reason:
        return f"refused: {reason}" if vector["expect"] == "accept" else None
    except Exception as error:  # a crash is wrong whatever is expected
        return f"crashed: {error!r}"
    if vector["expect"] == "reject":
        return "accepted"
    if "result" in vector and result != vector["result"]:
        return f"another result: {result}"
    return None


def main():
    vectors_schema = validator("vectors.schema.json")
    failures, counts = [], {}
    for subject, make in RUN.items():
        path = VECTORS / f"{subject}.json"
        file = json.loads(path.read_text("utf-8"))
        failures += [f"{path.name}: {error.json_path}: {error.message}" for error in vectors_schema.iter_errors(file)]
        run = make(file.get("context"))
        outcomes = {vector["id"]: differs(vector, run) for vector in file["vectors"]}
        for vector in file["vectors"]:
            outcome = outcomes[vector["id"]]
            # A refusal counts only where the same is accepted without what is wrong.
            if vector["expect"] == "reject" and outcomes[vector["differs_from"]] is not None:
                outcome = f"{vector['differs_from']} is not accepted"
            if outcome is not None:
                failures.append(f"{path.name}: {vector['id']}: {outcome}")
            if "position" in vector.get("error", {}):
                # The place is told in characters, as this language counts them.
                assert 0 <= vector["error"]["position"] <= len(vector["input"]["text"]), vector["id"]
        counts[subject] = len(file["vectors"])
        # Code that refuses everything, or accepts everything, must not look right.
        for broken in (refuse_all, accept_all):
            if all(differs(vector, broken) is None for vector in file["vectors"]):
                failures.append(f"{path.name}: {broken.__name__} is right on every vector")
    for failure in failures:
        print(failure)
    told = ", ".join(f"{subject} {count}" for subject, count in counts.items())
    print(f"{sum(counts.values())} vectors ({told}), {len(failures)} failed")
    return bool(failures)


def refuse_all(input):
    raise Refused("everything")


def accept_all(input):
    return None


sys.exit(main())
