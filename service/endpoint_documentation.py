"""What OpenAPI says of the bodies that webhook endpoints are managed with."""

from typing import Any

from alerts.endpoints import EVENT_TYPES


def _body(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": properties,
    }
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_ENDPOINT: dict[str, Any] = {
    "url": {
        "type": "string",
        "format": "uri",
        "maxLength": 2000,
        "description": "https:// and a public address; no user name, no #fragment.",
    },
    "description": {"type": "string", "maxLength": 500},
    "event_types": {
        "type": "array",
        "items": {"type": "string"},
        "maxItems": 20,
        "description": f"Of {', '.join(EVENT_TYPES)}; * stands for any letters. Empty: all.",
    },
}
_MOMENT = {"type": "string", "format": "date-time"}

NEW = _body(
    _ENDPOINT
    | {"secret": {"type": "string", "description": "whsec_ and 24 to 64 bytes in base64; else one is made."}},
    "url",
)
CHANGE = _body(_ENDPOINT | {"enabled": {"type": "boolean"}})
REPLAY = _body(
    {
        "delivery_id": {"type": "string", "description": "One delivery, whether it failed or not."},
        "since": _MOMENT | {"description": "Or those that came to be from then on,"},
        "until": _MOMENT | {"description": "and before then."},
        "delivered_too": {
            "type": "boolean",
            "default": False,
            "description": "Of a range also what was delivered; else what failed or was dropped "
            "while the endpoint was disabled.",
        },
    }
)
