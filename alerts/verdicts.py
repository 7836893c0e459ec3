"""What a receiver may say of an alert, in words for a button and for a form."""

from collections.abc import Mapping
from types import MappingProxyType

from accounts.feedback import Verdict
from alerts.language import marked

LABELS: Mapping[Verdict, str] = MappingProxyType(
    {
        "being_handled": marked("Right, we are on it"),
        "not_a_risk": marked("Not a risk"),
        "they_stay": marked("They are staying"),
        "lost": marked("The customer is lost"),
    }
)
MEANINGS: Mapping[Verdict, str] = MappingProxyType(
    {
        "being_handled": marked("The alert was right, and somebody is at work on it."),
        "not_a_risk": marked("What the account does now is its normal, and is learnt as such."),
        "they_stay": marked("Whatever was seen, this account stays with us; its normal is learnt anew."),
        "lost": marked("The alert was right, and the customer is gone."),
    }
)
