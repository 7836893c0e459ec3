"""What a form posts, in either of the two encodings that browsers and mail providers use."""

from email import message_from_bytes, policy
from urllib.parse import parse_qsl

_MOST_FIELDS = 20


def fields(content_type: str, body: bytes) -> dict[str, str]:
    """Fields by name, the last of a name counting; nothing of what is not a form."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            text = body.decode("utf-8", "replace")
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
        if kind == "multipart/form-data":
            return _parts(content_type, body)
    except (ValueError, LookupError, AttributeError, RecursionError):
        return {}
    return {}


def _parts(content_type: str, body: bytes) -> dict[str, str]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    found: dict[str, str] = {}
    for part in message_from_bytes(head + body, policy=policy.HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and not part.is_multipart():
            value = part.get_payload(decode=True)
            found[name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
    return found
