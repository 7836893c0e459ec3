"""What a receiver may say of an alert, in words for a button and for a form."""

from collections.abc import Mapping
from types import MappingProxyType

from accounts.feedback import Verdict
from alerts.language import marked

LABELS: Mapping[Verdict, str] = MappingProxyType(
    {
        "being_handled": marked("Right, and we are on it"),
        "not_a_risk": marked("Not a risk: this is normal for them"),
        "they_stay": marked("They are staying"),
        "lost": marked("Right, and they are lost"),
    }
)
MEANINGS: Mapping[Verdict, str] = MappingProxyType(
    {
        "being_handled": marked("It counts as useful. Firing again, it is not sent anew."),
        "not_a_risk": marked("What the account does now is learnt as its normal."),
        "they_stay": marked("All that holds an alert up on this account is learnt as its normal."),
        "lost": marked("It counts as useful."),
    }
)
