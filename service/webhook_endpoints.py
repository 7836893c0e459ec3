"""/api/v1/webhook-endpoints: where alerts are posted to for other programs."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import structlog
from fastapi import APIRouter, Depends, Query

from alerts import endpoint_admin as admin
from alerts.config import WebhooksConfig
from alerts.endpoint_admin import AskedChange, AskedEndpoint, AskedReplay
from alerts.endpoints import event_type
from service import cursors, endpoint_documentation
from service.access import reader, writer
from service.api import Cursor, Limit
from service.bodies import json_body
from service.problems import Problem
from storage import webhook_endpoints, webhook_log
from storage.engine import Engine, reading
from storage.webhook_endpoints import Endpoint
from storage.webhook_log import Posted

log = structlog.get_logger()

T = TypeVar("T")
Body = Annotated[bytes, Depends(json_body("an endpoint"))]
Status = Annotated[
    Literal["pending", "delivered", "failed", "suppressed"] | None, Query(description="Only of this status.")
]


def webhook_endpoints_router(
    engine: Engine,
    config: WebhooksConfig,
    *,
    tokens: Sequence[str],
    open_access: bool,
    wake: Callable[[], None] = lambda: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """The router; whoever knows a token may read, with a bearer token also write.

    `wake` tells a notifier in this process that there may be something to send.
    """
    router = APIRouter(prefix="/api/v1/webhook-endpoints", tags=["webhook endpoints"])
    reads = [Depends(reader(tokens, open_access=open_access))]
    writes = [Depends(writer(tokens, open_access=open_access))]
    _reading(router, engine, reads)
    _managing(router, engine, config, writes, now)
    _sending(router, engine, writes, wake, now)
    return router


def _reading(router: APIRouter, engine: Engine, reads: list[Any]) -> None:
    @router.get("", dependencies=reads)
    def list_endpoints(cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """Endpoints, the newest first, with how they fare. Secrets are never shown again."""
        after = cursors.moment(cursor)
        with reading(engine) as connection:
            found = webhook_endpoints.find(connection, after=after, limit=limit)
        last = found[-1] if len(found) == limit else None
        following = cursors.encode(last.created_at.isoformat(), last.endpoint_id) if last else None
        return {"webhook_endpoints": [as_json(one) for one in found], "next": following}

    @router.get("/{endpoint_id}", dependencies=reads)
    def show_endpoint(endpoint_id: str) -> dict[str, Any]:
        """One endpoint."""
        return as_json(_one(engine, endpoint_id))

    @router.get("/{endpoint_id}/deliveries", dependencies=reads)
    def list_deliveries(
        endpoint_id: str, status: Status = None, cursor: Cursor = None, limit: Limit = 50
    ) -> dict[str, Any]:
        """What was posted to it, the newest first: attempts, status, last error."""
        _one(engine, endpoint_id)
        after = cursors.moment(cursor)
        with reading(engine) as connection:
            found = webhook_log.find(connection, endpoint_id, status=status, after=after, limit=limit)
        last = found[-1] if len(found) == limit else None
        following = cursors.encode(last.created_at.isoformat(), last.delivery_id) if last else None
        return {"deliveries": [posted_as_json(one) for one in found], "next": following}


def _managing(
    router: APIRouter,
    engine: Engine,
    config: WebhooksConfig,
    writes: list[Any],
    now: Callable[[], datetime],
) -> None:
    @router.post("", status_code=201, dependencies=writes, openapi_extra=endpoint_documentation.NEW)
    def create_endpoint(body: Body) -> dict[str, Any]:
        """Post alerts to an address from now on. The answer alone shows the secret that verifies them."""
        asked = _asked(body, AskedEndpoint)
        made = _explained(lambda: admin.create(engine, config, asked, now()))
        _log("created", made.endpoint_id)
        return as_json(made) | {"secret": made.secrets[0]["secret"]}

    @router.patch("/{endpoint_id}", dependencies=writes, openapi_extra=endpoint_documentation.CHANGE)
    def change_endpoint(endpoint_id: str, body: Body) -> dict[str, Any]:
        """Change what is given; enabling an endpoint forgives its failures, and replays nothing by itself."""
        asked = _asked(body, AskedChange)
        changed = _explained(lambda: admin.change(engine, config, endpoint_id, asked, now()))
        _log("changed", endpoint_id)
        return as_json(changed)

    @router.delete("/{endpoint_id}", status_code=204, dependencies=writes)
    def delete_endpoint(endpoint_id: str) -> None:
        """Post nothing to it any more; what waits for it is dropped."""
        _explained(lambda: admin.remove(engine, endpoint_id))
        _log("deleted", endpoint_id)

    @router.post("/{endpoint_id}/rotate-secret", dependencies=writes)
    def rotate_secret(endpoint_id: str) -> dict[str, Any]:
        """Sign with a new secret, shown here alone; for another 24 hours with the one before as well."""
        changed = _explained(lambda: admin.rotate(engine, endpoint_id, now()))
        _log("secret_rotated", endpoint_id)
        return as_json(changed) | {"secret": changed.secrets[0]["secret"]}


def _sending(
    router: APIRouter,
    engine: Engine,
    writes: list[Any],
    wake: Callable[[], None],
    now: Callable[[], datetime],
) -> None:
    @router.post("/{endpoint_id}/test", status_code=202, dependencies=writes)
    def test_endpoint(endpoint_id: str) -> dict[str, Any]:
        """Send it an `endpoint.test`, whatever it asked for; its deliveries tell how that went."""
        delivery_id = _explained(lambda: admin.send_test(engine, endpoint_id, now()))
        wake()
        return {"delivery_id": delivery_id}

    @router.post(
        "/{endpoint_id}/replay",
        status_code=202,
        dependencies=writes,
        openapi_extra=endpoint_documentation.REPLAY,
    )
    def replay_deliveries(endpoint_id: str, body: Body) -> dict[str, Any]:
        """Send deliveries again under their ids: one, or of a range of time those that failed, or all."""
        asked = _asked(body, AskedReplay)
        count = _explained(lambda: admin.replay(engine, endpoint_id, asked, now()))
        _log("replayed", endpoint_id, deliveries=count)
        wake()
        return {"replayed": count}


def _one(engine: Engine, endpoint_id: str) -> Endpoint:
    with reading(engine) as connection:
        found = webhook_endpoints.one(connection, endpoint_id)
    if found is None:
        raise _unknown()
    return found


def _asked(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Problem(422, "Not understood", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "Not JSON", str(error)) from None


def _explained(do: Callable[[], T]) -> T:
    try:
        return do()
    except admin.InvalidEndpointError as error:
        raise Problem(422, "Not understood", str(error)) from None
    except admin.UnknownEndpointError:
        raise _unknown() from None
    except admin.DisabledEndpointError:
        raise Problem(409, "Disabled", "enable the endpoint first: nothing is sent to it") from None


def _unknown() -> Problem:
    return Problem(
        404, "Not found", "there is no such endpoint, or no such delivery to it that may be replayed"
    )


def _log(what: str, endpoint_id: str, **detail: object) -> None:
    log.info(
        "a webhook endpoint was managed", action=f"webhook_endpoint_{what}", endpoint_id=endpoint_id, **detail
    )


def as_json(one: Endpoint) -> dict[str, Any]:
    """An endpoint as the API shows it: of its secrets only until when the one before the last signs, too."""
    told = one._asdict()
    del told["secrets"]
    until = one.secrets[1]["expires_at"] if len(one.secrets) > 1 else None
    return told | {"state": one.state, "secret_before_until": until}


def posted_as_json(one: Posted) -> dict[str, Any]:
    """A delivery as the API shows it; `delivery_id` is its webhook-id."""
    told = one._asdict()
    for name in ("receiver", "notice", "body"):
        del told[name]
    return told | {
        "event_type": event_type(one.notice),
        "account_id": one.body.get("account_id"),
    }
