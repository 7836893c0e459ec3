"""Which conversation an email belongs to: one for each account and receiver, one for their digests.

All its messages name the same message as the one they answer, which was never sent, as GitHub's do: no state
is needed, and none of them may be missing. Mail programs group by it whatever the subject says; Gmail also
wants equal subjects, and Outlook goes by headers of its own.
"""

import base64
import hashlib
from dataclasses import dataclass

from alerts.message import Message
from alerts.parcel import Parcel

# Outlook's index has a moment in it, which must be the same in all messages of a conversation: 1 January 2025
# as a FILETIME, without its last two bytes.
_BEGAN = (133_801_632_000_000_000 >> 16).to_bytes(6, "big")


@dataclass(frozen=True, slots=True)
class Conversation:
    """Headers that tell a mail program what belongs together."""

    root: str  # a Message-ID
    topic: str
    index: str


def conversation_of(parcel: Parcel, domain: str) -> Conversation:
    """An account's, or that of a receiver's digests."""
    content = parcel.content
    account = ""
    if isinstance(content, Message):
        account = parcel.alert.account_id if parcel.alert else content.account
    topic = content.account if isinstance(content, Message) else "Turnsignal"
    about = f"{'account' if account else 'digests'}\0{account}\0{parcel.receiver}"
    digest = hashlib.sha256(about.encode("utf-8", "backslashreplace")).digest()
    name = f"{'account' if account else 'digests'}-{digest[:16].hex()}"
    return Conversation(f"<{name}@{domain}>", topic, base64.b64encode(_BEGAN + digest[:16]).decode("ascii"))
