"""Parses a mail from standard input with the email package, and says what is in it as JSON."""
import email
import email.policy
import json
import sys

mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
defects = [str(defect) for part in mail.walk() for defect in part.defects]
to = mail["To"].addresses[0]
print(json.dumps({
    "type": mail.get_content_type(),
    "subject": mail["Subject"],
    "from": mail["From"].addresses[0].addr_spec,
    "from_name": mail["From"].addresses[0].display_name,
    "to": to.addr_spec,
    "to_name": to.display_name,
    "message_id": mail["Message-ID"],
    "date": mail["Date"].datetime.isoformat(),
    "auto": mail["Auto-Submitted"],
    "unsubscribe": mail["List-Unsubscribe"],
    "unsubscribe_post": mail["List-Unsubscribe-Post"],
    "headers": sorted(name.lower() for name in mail.keys()),
    "text": parts.get("text/plain"),
    "html": parts.get("text/html"),
    "defects": defects,
}))
