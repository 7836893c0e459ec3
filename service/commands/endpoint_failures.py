"""What goes wrong with webhook endpoints, as commands tell it."""

from collections.abc import Callable
from typing import TypeVar

from service.commands.processes import plain
from service.failures import Failure

T = TypeVar("T")


def explained(do: Callable[[], T]) -> T:
    """What it returns; raises Failure for what cannot be."""
    from alerts.endpoint_admin import DisabledEndpointError, InvalidEndpointError, UnknownEndpointError

    try:
        return do()
    except InvalidEndpointError as error:
        raise Failure(plain(str(error), 300), 2) from None
    except UnknownEndpointError:
        raise Failure("there is no such endpoint, or no such delivery to it that may be replayed") from None
    except DisabledEndpointError:
        raise Failure("the endpoint is disabled; `turnsignal webhooks change … --enable` first") from None
