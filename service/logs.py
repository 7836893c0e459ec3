"""Logs: one JSON object a line, each with a stable `action`; secrets never."""

import json
import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal, TextIO
from urllib.parse import quote

import structlog

_HIDDEN = "(hidden)"
_OURS = frozenset(
    {"action", "level", "timestamp"}
)  # never from outside; a secret may chance to be such a word
_SHORTEST_SECRET = 6  # anything shorter would blot out ordinary words


def configure(
    level: str,
    form: Literal["json", "console"],
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log record, the libraries' own included, through one formatter to `stream` (else stderr)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_action,
    ]
    target = stream or sys.stderr
    redact = Redaction(secrets)
    render: list[Any] = (
        [
            structlog.processors.format_exc_info,
            redact,
            structlog.dev.ConsoleRenderer(
                colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
        if form == "console"
        else [_tracebacks, redact, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("kafka", "httpx", "httpcore", "alembic", "uvicorn.access"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # It repeats many times a second what consumers.troubles says once, in words; `debug` wants all the same.
    repeated = logging.WARNING if level == "debug" else logging.CRITICAL
    for name in ("kafka.net", "kafka.cluster", "kafka.coordinator", "kafka.consumer.fetcher"):
        logging.getLogger(name).setLevel(repeated)


# Without local variables: they hold customers' data, and whole batches of it.
_tracebacks = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def _with_action(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Libraries know nothing of actions."""
    event.setdefault("action", "log")
    return event


class Redaction:
    """Blots known secrets out of every value of a record, in whatever object it hides."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spelled = {form for s in secrets if len(s) >= _SHORTEST_SECRET for form in _spellings(s)}
        self._secrets = sorted(spelled, key=len, reverse=True)

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The record without secrets."""
        return {key: value if key in _OURS else self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {self._clean(str(key)): self._clean(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(inner) for inner in value]
        text = value if isinstance(value, str) else repr(value)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text


def _spellings(secret: str) -> set[str]:
    """A secret as it stands in text, in an object's representation, in JSON and in an address."""
    return {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe="")}
