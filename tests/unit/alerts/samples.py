"""Alerts as the detection plane sends them, made by hand."""

from datetime import UTC, datetime

from accounts.alert import AccountCard, Alert, Contact, Evidence, Play, Value, alert_id
from accounts.weeks import week_of
from service.playbook import built_in

ONSET = datetime(2026, 3, 2, tzinfo=UTC)
RAISED = datetime(2026, 5, 18, tzinfo=UTC)
OWNER = Contact("Owner of the account", "owner@vendor.example", "U0OWNER01")


def _play(name: str) -> Play:
    entry = next(entry for entry in built_in() if entry.id == name)
    return Play(entry.id, entry.title, list(entry.steps))


SHIFT = Alert(
    id=alert_id("C-1042", "buying_centre_shift", week_of(ONSET)),
    account_id="C-1042",
    kind="buying_centre_shift",
    stage="shifted",
    previous_stage="watch",
    led_by="purchasing",
    previously_led_by="development",
    severity="warning",
    onset_at=ONSET,
    raised_at=RAISED,
    evidence=[
        Evidence(
            "purchasing_share",
            4.31,
            "Purchasing held 71 % of the known seats at 14 occasions since 2 March 2026, "
            "12 % before (6 people)",
            [
                "C. Weber (Head of Strategic Purchasing)",
                "L. Novak (Category Buyer Drives)",
                "Zhao Min (采购经理)",
                "P. Roth (Buyer)",
                "A. Lind (Buyer)",
                "T. Marsh (Procurement Analyst)",
            ],
            ["crm:88121", "crm:88307"],
        ),
        Evidence(
            "unbundling",
            2.12,
            "58 % of the order value since 2 March 2026 came as components or without service, 9 % before",
            ["P. Roth (Buyer)"],
            ["erp:4500123"],
        ),
        Evidence(
            "price_talk",
            1.27,
            "Price was 64 % of what was talked about since 2 March 2026, 18 % before",
            ["C. Weber (Head of Strategic Purchasing)"],
            ["crm:88307"],
        ),
        Evidence("competitors", 0.0, "Competitors named: Omnidrive", [], ["crm:88411"]),
        Evidence("tenders", 0.0, "1 formal tender", [], ["crm:88412"]),
        Evidence("clipped", -0.8, "Taken off: no single week may decide, and the sum has a ceiling", [], []),
    ],
    value=Value(4_871_302.18, 21_400_000.0, 7_352_000.0, "EUR"),
    play=_play("senior-sponsors"),
    status="firing",
    account=AccountCard(name="Hartwig Automation", segment="machine builders", currency="EUR", owner=OWNER),
    led_by_since=datetime(2026, 4, 6, tzinfo=UTC),
    previously_led_by_since=datetime(2023, 2, 6, tzinfo=UTC),
)

AT_RISK = Alert(
    id=alert_id("C-77", "at_risk", week_of(ONSET)),
    account_id="C-77",
    kind="at_risk",
    stage="at_risk",
    previous_stage="shifted",
    led_by="purchasing",
    previously_led_by="shared",
    severity="critical",
    onset_at=ONSET,
    raised_at=RAISED,
    evidence=[
        Evidence(
            "orders_slowing",
            3.4,
            "2 orders in the 11 weeks since 2 March 2026; about 9 would be the account's own rhythm",
            [],
            [],
        ),
        *SHIFT.evidence[:2],
    ],
    value=Value(812_400.0, None, 1_930_000.0, "CNY"),
    play=_play("rescue"),
    status="firing",
    account=AccountCard(name="华东传动设备有限公司"),
    led_by_since=datetime(2026, 4, 6, tzinfo=UTC),
)
