"""A portfolio as a Salesforce and an ERP of one company tell it: documents, and their records in Kafka.

Made from canonical events, so that what a mapping makes of the records can be held against them. The ERP
calls customers by numbers of its own (Salesforce has them as AccountNumber), its orders name the buyer by
mail address, its codes are the company's, and what a talk was about is in a field of the company's.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

CALLED = {
    "application": "Anwendung",
    "technical": "Technik",
    "roadmap": "Roadmap",
    "training": "Schulung",
    "price": "Preis",
    "terms": "Konditionen",
    "delivery": "Liefertermin",
    "quality": "Reklamation",
    "support": "Service",
    "other": "Sonstiges",
}
GROUPS = {"system": "10", "component": "20", "service": "90"}
STATES = {"order.placed": "A", "order.changed": "A", "order.delivered": "L", "order.cancelled": "S"}
STAGES = {"open": "Angebot", "won": "Closed Won", "lost": "Closed Lost", "withdrawn": "Zurückgezogen"}
CASES = {"opened": "New", "answered": "Working", "resolved": "Closed"}
CASE_TYPES = {"application": "Question", "support": "Problem", "complaint": "Beanstandung"}
_PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "Case": "500",
    "Task": "00T",
    "Event": "00U",
    "OpportunityContactRole": "00K",
    "EventRelation": "0RE",
    "TaskRelation": "0RT",
}


class Told(NamedTuple):
    """A record for Kafka, and when it came to be."""

    at: str
    topic: str
    key: str
    value: dict[str, Any]


@dataclass
class Document:
    """A row or an object, and how it was at each time."""

    entity: str
    id: str
    versions: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def say(self, at: str, **fields: Any) -> None:
        """It is so from now on; nothing where nothing has changed."""
        before = self.versions[-1][1] if self.versions else {}
        if {**before, **fields} != before:
            self.versions.append((at, {**before, **fields}))


def salesforce_id(entity: str, own: str) -> str:
    """An id as Salesforce gives them: three letters that tell the object, 18 in all."""
    return _PREFIXES[entity] + "5g" + sha256(own.encode()).hexdigest()[:13]


def customer_number(account: str) -> str:
    """What the ERP calls an account."""
    return f"{int(sha256(account.encode()).hexdigest()[:10], 16) % 900_000 + 100_000:010}"


class Company:
    """The documents of both systems, grown event by event in order of time."""

    def __init__(self, events: Iterable[Mapping[str, Any]]) -> None:
        self.salesforce: dict[str, Document] = {}
        self.erp: dict[tuple[str, str], Document] = {}
        self._orders: dict[str, int] = {}
        for event in sorted(events, key=lambda event: event["time"]):
            kind = event["type"]
            if kind.startswith("order."):
                self._order(event, event["data"])
            else:
                getattr(self, "_" + kind.split(".")[1])(event, event["data"])

    def _object(self, entity: str, own: str) -> Document:
        id_ = salesforce_id(entity, own)
        return self.salesforce.setdefault(id_, Document(entity, id_))

    def _account(self, event: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        owner = self._user(event["time"], data["owner"]) if "owner" in data else None
        self._object("Account", event["subject"]).say(
            event["time"],
            Name=data["name"],
            AccountNumber=customer_number(event["subject"]),
            Industry=data.get("segment"),
            CurrencyIsoCode=data.get("currency"),
            OwnerId=owner,
        )

    def _user(self, at: str, person: Mapping[str, Any]) -> str:
        first, _, last = person["name"].partition(" ")
        user = self._object("User", person["email"])
        title = {"Title": person["title"]} if person.get("title") else {}
        user.say(at, FirstName=first, LastName=last, Name=person["name"], Email=person["email"], **title)
        return user.id

    def _person(self, event: Mapping[str, Any], person: Mapping[str, Any] | None, **more: Any) -> str | None:
        if person is None:
            return None
        if person.get("side") == "vendor":
            return self._user(event["time"], person)
        first, _, last = person["name"].partition(" ")
        contact = self._object("Contact", person["id"])
        contact.say(
            event["time"],
            AccountId=salesforce_id("Account", event["subject"]),
            Name={"FirstName": first, "LastName": last},
            Email=person.get("email"),
            Title=person.get("title"),
            Department=person.get("department"),
            Function__c=person.get("function"),
            **more,
        )
        return contact.id

    def _contact(self, event: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        self._person(event, data["contact"], Left_Company__c=data["status"] == "left")

    def _interaction(self, event: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        at, channel = event["time"], data["channel"]
        people = [(person, self._person(event, person)) for person in data["participants"]]
        theirs = [id_ for person, id_ in people if person.get("side") != "vendor"]
        ours = [id_ for person, id_ in people if person.get("side") == "vendor"]
        called = ";".join(CALLED[topic] for topic in data["topics"])
        entity = "Task" if channel in {"call", "email", "other"} else "Event"
        fields = {
            "WhoId": theirs[0] if theirs else None,
            "WhatId": salesforce_id("Account", event["subject"]),
            "AccountId": salesforce_id("Account", event["subject"]),
            "OwnerId": ours[0] if ours else None,
            "Subject": f"{channel.title()}: {called}",
            "Thema__c": called or None,
            "Product_Line__c": data.get("product_line"),
            "Richtung__c": {"inbound": "vom Kunden", "outbound": "an Kunden"}[data["direction"]],
            "Reply_To__c": data.get("answers"),
            "External_Id__c": event["id"],
        }
        if entity == "Event":
            fields |= {
                "StartDateTime": at,
                "ActivityDateTime": at,
                "Type": channel.title(),
                "EventSubtype": "Event",
            }
        else:
            subtype = {"call": "Call", "email": "Email", "other": "Task"}[channel]
            fields |= {"Status": "Completed", "CompletedDateTime": at, "ActivityDate": at[:10]}
            fields |= {"TaskSubtype": subtype}
            if channel == "call":
                fields["CallType"] = data["direction"].title()
        activity = self._object(entity, event["id"])
        activity.say(at, **fields)
        for person in (*theirs[1:], *ours[1:]):
            relation = self._object(f"{entity}Relation", f"{event['id']}/{person}")
            relation.say(at, **{f"{entity}Id": activity.id, "RelationId": person})

    def _opportunity(self, event: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        opportunity = self._object("Opportunity", data["opportunity_id"])
        opportunity.say(
            event["time"],
            AccountId=salesforce_id("Account", event["subject"]),
            Name=f"{data.get('product_line', 'offer')} {data['opportunity_id'][-5:]}",
            StageName=STAGES[data["status"]],
            IsClosed=data["status"] != "open",
            IsWon=data["status"] == "won",
            CreatedDate=data["opened_at"],
            CloseDate=data.get("closed_at", data["opened_at"])[:10],
            Amount=data.get("amount"),
            CurrencyIsoCode=data.get("currency"),
            Product_Line__c=data.get("product_line"),
            Ausschreibung__c=data.get("tender"),
            Basis__c=data.get("basis"),
            Wettbewerber__c=";".join(data["competitors"]) or None,
        )
        for person in data["deciders"]:
            contact = self._person(event, person)
            role = self._object("OpportunityContactRole", f"{opportunity.id}/{contact}")
            role.say(event["time"], OpportunityId=opportunity.id, ContactId=contact, Role="Decision Maker")

    def _ticket(self, event: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        closed = {"ClosedDate": event["time"]} if data["status"] == "resolved" else {}
        case = self._object("Case", data["ticket_id"])
        opened = case.versions[0][1]["CreatedDate"] if case.versions else event["time"]
        case.say(
            event["time"],
            AccountId=salesforce_id("Account", event["subject"]),
            ContactId=self._person(event, data.get("requester")),
            Status=CASES[data["status"]],
            Type=CASE_TYPES[data["kind"]],
            CreatedDate=opened,
            IsClosed=data["status"] == "resolved",
            **closed,
        )

    def _row(self, table: str, id_: str) -> Document:
        return self.erp.setdefault((table, id_), Document(table, id_))

    def _order(self, event: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        at, number = event["time"], data["order_id"]
        head = self._row("auftrag", number)
        if not head.versions and "lines" not in data:
            return  # an order nobody has seen is not in the table
        fields = {"status": STATES[event["type"]], "geaendert_am": at}
        if "lines" in data:
            buyer = data.get("buyer")
            self._person(event, buyer)
            fields |= {
                "kunden_nr": customer_number(event["subject"]),
                "besteller_email": buyer["email"].upper() if buyer else None,
                "waehrung": data["currency"],
                "bestellt_am": head.versions[0][1]["bestellt_am"] if head.versions else at,
            }
            self._positions(at, number, data["lines"])
        head.say(at, auftrag_nr=number, **fields)

    def _positions(self, at: str, number: str, lines: list[dict[str, Any]]) -> None:
        for position, line in enumerate(lines, 1):
            self._row("artikel", line["sku"]).say(
                at,
                artikel_nr=line["sku"],
                warengruppe=GROUPS[line["kind"]],
                produktlinie=line.get("product_line"),
            )
            listed = None if line.get("list_price") is None else f"{line['list_price']:.2f}"
            self._row("auftrag_position", f"{number}/{position}").say(
                at,
                auftrag_nr=number,
                pos=position * 10,
                artikel_nr=line["sku"],
                menge=line["quantity"],
                netto_preis=f"{line['unit_price']:.2f}",
                listen_preis=listed,
            )
        for gone in range(len(lines) + 1, self._orders.get(number, 0) + 1):
            self._row("auftrag_position", f"{number}/{gone}").versions.append((at, {}))
        self._orders[number] = len(lines)


def captured(company: Company, loaded_at: str = "") -> Iterator[Told]:
    """Salesforce's records: queried as of a moment, and Change Data Capture from then on."""
    for document in company.salesforce.values():
        before: dict[str, Any] | None = None
        past = [version for version in document.versions if version[0] <= loaded_at]
        if past:
            before = past[-1][1]
            yield Told(loaded_at, f"sfdc.{document.entity}", document.id, _queried(document, past))
        for number, (at, fields) in enumerate(document.versions[len(past) :]):
            if before is None and document.entity.endswith("Relation"):
                yield Told(at, f"sfdc.{document.entity}", document.id, _queried(document, [(at, fields)]))
            else:
                value = _changed(document, at, before, fields, number)
                yield Told(at, f"sfdc.{document.entity}", document.id, value)
            before = fields


def _queried(document: Document, past: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    at, fields = past[-1]
    fields = dict(fields)
    if isinstance(fields.get("Name"), dict):  # a query gives the name whole beside its parts
        fields |= fields["Name"] | {"Name": " ".join(fields["Name"].values())}
    fields.setdefault("CreatedDate", past[0][0])
    head = {"attributes": {"type": document.entity}, "Id": document.id}
    return head | fields | {"LastModifiedDate": at, "SystemModstamp": at}


def _changed(
    document: Document, at: str, before: dict[str, Any] | None, fields: dict[str, Any], number: int
) -> dict[str, Any]:
    told = {name: value for name, value in fields.items() if (before or {}).get(name) != value}
    if before is None:
        told = (
            {name: value for name, value in told.items() if value is not None}
            | {"CreatedDate": at}
            | {name: value for name, value in fields.items() if name == "CreatedDate"}
        )
    header = {
        "entityName": document.entity,
        "recordIds": [document.id],
        "changeType": "CREATE" if before is None else "UPDATE",
        "changeOrigin": "com/salesforce/api/soap/62.0;client=SfdcInternalAPI/",
        "transactionKey": sha256(f"{document.id}{at}{number}".encode()).hexdigest()[:32],
        "sequenceNumber": 1,
        "commitTimestamp": int(datetime.fromisoformat(at).timestamp() * 1000),
        "commitNumber": number + 1,
        "commitUser": "0055g00000commit01",
        "changedFields": [] if before is None else [*told, "LastModifiedDate"],
        "nulledFields": [] if before is None else [name for name, value in told.items() if value is None],
        "diffFields": [],
    }
    return {"ChangeEventHeader": header, **told, "LastModifiedDate": at}


def rows(company: Company, loaded_at: str = "") -> Iterator[Told]:
    """The ERP's records as Debezium brings them: a snapshot as of a moment, and each change from then on."""
    for (table, id_), document in company.erp.items():
        topic, before = f"erp.public.{table}", None
        past = [version for version in document.versions if version[0] <= loaded_at]
        if past and past[-1][1]:
            before = past[-1][1]
            yield Told(loaded_at, topic, id_, _enveloped("r", table, loaded_at, None, before))
        for at, fields in document.versions[len(past) :]:
            if not fields and before:
                key = {name: before[name] for name in ("auftrag_nr", "pos")}
                nothing = dict.fromkeys(before) | key
                yield Told(at, topic, id_, _enveloped("d", table, at, nothing, None))
            elif fields:
                op = "c" if not before else "u"
                yield Told(at, topic, id_, _enveloped(op, table, at, None, fields))
            before = fields


def _enveloped(
    op: str, table: str, at: str, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> dict[str, Any]:
    millis = int(datetime.fromisoformat(at).timestamp() * 1000)
    told = json.dumps([table, at, before, after], sort_keys=True)
    source = {
        "version": "3.6.1.Final",
        "connector": "postgresql",
        "name": "erp",
        "ts_ms": millis,
        "snapshot": "true" if op == "r" else "false",
        "db": "erp",
        "schema": "public",
        "table": table,
        "lsn": millis * 1000 + int(sha256(told.encode()).hexdigest()[:4], 16) % 1000,
    }
    return {"before": before, "after": after, "source": source, "op": op, "ts_ms": millis}
