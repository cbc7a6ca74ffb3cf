"""Checks the signature of a webhook as Standard Webhooks describes it: arguments secret, id, timestamp, signature; the body on standard input."""
import base64
import hashlib
import hmac
import sys

secret, ident, timestamp, signature = sys.argv[1:]
key = base64.b64decode(secret.removeprefix("whsec_"))
signed = ident.encode() + b"." + timestamp.encode() + b"." + sys.stdin.buffer.read()
expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
right = any(version == "v1" and hmac.compare_digest(value, expected) for version, value in (one.split(",", 1) for one in signature.split(" ")))
print("right" if right else "wrong")
