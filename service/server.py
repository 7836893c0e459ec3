"""The HTTP server as a part that stops when told."""

import threading

import uvicorn
from fastapi import FastAPI

_GRACE_SECONDS = 10


class Server:
    """uvicorn in a thread of its own, where it leaves signals to the supervisor."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        self._server = uvicorn.Server(config)

    def unready(self) -> str | None:
        """Why it does not answer; None when it does."""
        return None if self._server.started else "does not listen yet"

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set; raises RuntimeError where the port cannot be had."""
        watcher = threading.Thread(target=self._end_with, args=(stop,), daemon=True)
        watcher.start()
        try:
            self._server.run()
        except SystemExit as error:  # uvicorn's way to say that it cannot start
            raise RuntimeError(f"cannot listen on {self._address}; is the port taken?") from error

    @property
    def _address(self) -> str:
        return f"{self._server.config.host}:{self._server.config.port}"

    def _end_with(self, stop: threading.Event) -> None:
        stop.wait()
        self._server.should_exit = True
