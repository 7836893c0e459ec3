"""Email by SMTP."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property

import structlog

from alerts.cleaning import clean
from alerts.config import Channel, EmailConfig
from alerts.mail import compose, in_ascii
from alerts.outcome import Accepted, Outcome, Permanent, RetryAt
from alerts.parcel import Parcel, Picture
from storage.engine import UNAVAILABLE

log = structlog.get_logger()

_PERMANENT = 500
_OURS = frozenset({530, 534, 535, 538})  # about our login (RFC 4954), whatever the message
_TOO_LARGE = 552  # as it is announced with the sender (RFC 1870)
_LONGEST_ANSWER = 200


class EmailSender:
    """Hands each message to one SMTP server, on a connection of its own."""

    channel: Channel = "email"
    shared = True
    pause = None

    def __init__(self, config: EmailConfig) -> None:
        self._config = config
        self._tls = ssl.create_default_context(cafile=str(config.ca_file) if config.ca_file else None)

    @cached_property
    def _own_name(self) -> str:
        return socket.getfqdn()  # smtplib would ask the resolver for every message

    def send(self, parcel: Parcel, now: datetime) -> Outcome:  # noqa: ARG002  # SMTP names no moment to wait for
        """One attempt."""
        mail = compose(parcel, self._config.sender, _drawn(parcel))
        smtp = self._client()
        try:
            with _deadline(smtp, self._config.deadline_seconds):
                self._open(smtp)
                smtp.send_message(mail, to_addrs=[in_ascii(parcel.receiver)])
        except (smtplib.SMTPException, OSError) as error:
            return outcome_of(error)
        else:
            return Accepted()
        finally:
            _leave(smtp)

    def _client(self) -> smtplib.SMTP:
        timeout = self._config.timeout_seconds
        if self._config.security == "tls":
            return smtplib.SMTP_SSL(local_hostname=self._own_name, timeout=timeout, context=self._tls)
        return smtplib.SMTP(local_hostname=self._own_name, timeout=timeout)

    def _open(self, smtp: smtplib.SMTP) -> None:
        config = self._config
        # Which name the certificate must bear; smtplib sets it in its constructor only, which would connect
        # before the deadline is watched.
        smtp._host = config.host  # type: ignore[attr-defined]  # noqa: SLF001
        code, answer = smtp.connect(config.host, config.port)
        if code != 220:  # noqa: PLR2004  # "service ready"
            raise smtplib.SMTPConnectError(code, answer)
        if config.starttls:
            # Never falls back to plain: who strips STARTTLS from the answer would read along.
            try:
                smtp.starttls(context=self._tls)
            except smtplib.SMTPResponseException as error:  # whatever its code, it is about no message
                raise smtplib.SMTPConnectError(error.smtp_code, error.smtp_error) from None
        if config.username is not None and config.password is not None:
            smtp.login(config.username, config.password)


def _drawn(parcel: Parcel) -> Picture | None:
    """Its picture; a message goes out without one rather than not at all."""
    try:
        return parcel.picture()
    except UNAVAILABLE:
        raise  # without the database the end of the attempt could not be recorded either
    except Exception as error:  # noqa: BLE001  # whatever a drawing library may raise
        alert_id = parcel.alert.id if parcel.alert else None
        log.warning(
            "a message goes without its picture",
            action="picture_failed",
            message_id=parcel.message_id,
            alert_id=alert_id,
            error=type(error).__name__,
        )
        return None


def outcome_of(error: smtplib.SMTPException | OSError) -> Outcome:
    """What a failure means: 5xx about this message is final, all else may pass.

    Refused credentials, a refused sender and a missing STARTTLS concern every message, and an operator
    repairs them within the schedule's day: no message is given up for them.
    """
    match error:
        case smtplib.SMTPAuthenticationError():
            return RetryAt(f"SMTP {error.smtp_code}: our credentials are refused")
        case smtplib.SMTPRecipientsRefused():
            code, answer = next(iter(error.recipients.values()))
            return _by_code(code, answer, "the recipient is refused")
        case smtplib.SMTPSenderRefused() if error.smtp_code != _TOO_LARGE:
            return RetryAt(f"SMTP {error.smtp_code}: our sender is refused: {_said(error.smtp_error)}")
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return RetryAt(f"SMTP {error.smtp_code}: {_said(error.smtp_error)}")
        case smtplib.SMTPResponseException():
            return _by_code(error.smtp_code, error.smtp_error, "the message is refused")
    return RetryAt(_in_words(error))


def _in_words(error: smtplib.SMTPException | OSError) -> str:
    match error:
        case smtplib.SMTPNotSupportedError():
            return "the server does not offer what is needed (STARTTLS, AUTH or SMTPUTF8)"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer in time"
    return f"the connection failed ({type(error).__name__})"


def _by_code(code: int, answer: bytes | str, what: str) -> Outcome:
    reason = f"SMTP {code}: {what}: {_said(answer)}"
    return Permanent(reason) if code >= _PERMANENT and code not in _OURS else RetryAt(reason)


def _said(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return clean(text, _LONGEST_ANSWER)


@contextmanager
def _deadline(smtp: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cut the connection when the whole exchange takes longer: smtplib's timeout counts from each byte."""
    timer = threading.Timer(seconds, _cut, [smtp])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(smtp: smtplib.SMTP) -> None:
    if smtp.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)


def _leave(smtp: smtplib.SMTP) -> None:
    """Say goodbye if there is someone to say it to; what was accepted stays accepted."""
    with suppress(smtplib.SMTPException, OSError):
        if smtp.sock is not None:
            smtp.sock.settimeout(2)
            smtp.quit()
    smtp.close()
