"""Mapping files: every mistake is told with its place and what is allowed; the ready ones can be used."""

import pytest

from consumers.mapping.files import MappingError, parse, ready_names, ready_text

RIGHT = """
[[mapping]]
topics = ["erp.orders", "erp.old.*"]
options = {time = "at"}
[[mapping.event]]
type = "order.placed"
account = "customer"
[mapping.event.data]
order_id = "id"
currency = "currency"
lines = {each = "lines", sku = "sku", kind = "code('kinds', type)", quantity = "n", unit_price = "price"}
[[mapping.ignore]]
reason = "test orders"
when = "test"
[codes.kinds]
S = "system"
"*" = "component"
"""

OWN = '\n[[mapping]]\ntopics = ["own"]\n'

MISTAKES = [
    ('topics = ["erp.orders", "erp.old.*"]', "", "mapping 1.topics: missing"),
    ('options = {time = "at"}', 'format = "jsn"', "did you mean json?"),
    ('options = {time = "at"}', 'options = {tme = "at"}', "options are"),
    ('options = {time = "at"}', 'use = "salesfroce"', "did you mean salesforce?"),
    ('type = "order.placed"', 'type = "order.place"', "event 1.type: 'order.place' is not allowed; did you"),
    ('account = "customer"', 'acount = "customer"', "acount: means nothing here; did you mean account?"),
    ('account = "customer"', "", "event 1.account: missing"),
    ('account = "customer"', 'account = "customer."', "not a JMESPath expression"),
    ('account = "customer"', 'account = "lokup(customer)"', "no function lokup(); did you mean lookup?"),
    ('account = "customer"', "account = \"lookup('acount', id)\"", "no [[mapping.reference]] keeps the kind"),
    ('account = "customer"', 'account = "customer"\non = ["delete"]', "did you mean deleted?"),
    ('account = "customer"', 'account = "customer"\nwhole = "yes"', "whole: must be true or false"),
    ('account = "customer"', 'account = "customer"\nwhole = true', "mapping 1.key: missing"),
    ('account = "customer"', 'account = "customer"\nonce = true', "needs the field that tells its time"),
    ('account = "customer"', 'account = "_.kee"', "there is no _.kee; did you mean key?"),
    ("code('kinds', type)", "code('kind', type)", "there is no list 'kind'; did you mean kinds?"),
    ("code('kinds', type)", "'sistem'", "'sistem' is not allowed; did you mean system?"),
    ("code('kinds', type)", "system", "the constant is written \"'system'\""),
    ('order_id = "id"', 'order = "id"', "data.order: there is no such field; did you mean order_id?"),
    ('currency = "currency"', "", "event 1.data: currency is missing, which the event needs"),
    ('currency = "currency"', 'currency = {code = "currency"}', "a constant is {value = …}"),
    ('currency = "currency"', 'currency = ["a"]', "is a list, but the field takes one value"),
    ('reason = "test orders"', "", "ignore 1.reason: missing"),
    ('sku = "sku", ', "", "sku is missing"),
    ('each = "lines"', 'each = "lines["', "data.lines.each"),
    ("[[mapping]]", "[mapping]", "must be written [[mapping]]"),
    ('S = "system"', "S = ", "not TOML"),
]


def problems(text: str) -> list[str]:
    """What is wrong with a text."""
    with pytest.raises(MappingError) as error:
        parse(text, "mapping.toml")
    return error.value.problems


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_place(right: str, wrong: str, said: str) -> None:
    """And with what was meant, or what is allowed."""
    assert right in RIGHT
    found = problems(RIGHT.replace(right, wrong, 1))
    assert any(said in problem for problem in found), found
    assert all(problem.startswith("mapping.toml") for problem in found)


LIMITED = """
[[mapping]]
topics = ["orders"]
cluster = "eu"
[[mapping.event]]
type = "order.cancelled"
account = "who"
data = {order_id = "id"}
[[mapping]]
topics = ["orders"]
cluster = ["", "us"]
[[mapping.event]]
type = "order.cancelled"
account = "customer"
data = {order_id = "id"}
"""


def test_a_mapping_may_be_limited_to_clusters() -> None:
    """The same topic of two clusters may mean two things, and nothing in a third; no name means every one."""
    found = parse(LIMITED)
    eu, other = found.all
    assert [found.of("orders", cluster) for cluster in ("eu", "us", "", "asia")] == [eu, other, other, None]
    everywhere = parse(LIMITED.replace('cluster = "eu"\n', ""))
    assert {everywhere.of("orders", cluster) for cluster in ("eu", "us", "", "asia")} == {everywhere.all[0]}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ('cluster = "ue"', "mapping 1.cluster: 'ue': there is no such one of kafka.clusters; allowed are ''"),
        ("cluster = []", "mapping 1.cluster: names no cluster; leave it out"),
        ("cluster = 3", "mapping 1.cluster: must be a text or a list of texts, not a number"),
    ],
)
def test_a_cluster_that_is_not_configured_is_a_mistake(said: str, problem: str) -> None:
    """With what is allowed; such a mapping would be waited for in vain."""
    with pytest.raises(MappingError) as error:
        parse(LIMITED.replace('cluster = "eu"', said), clusters=["", "eu", "us"])
    assert len(error.value.problems) == 1
    assert problem in error.value.problems[0]


def test_all_mistakes_are_told_at_once() -> None:
    """Who mends a file sees the whole of the work."""
    text = RIGHT.replace('account = "customer"', "").replace("code('kinds', type)", "system")
    assert len(problems(text.replace('reason = "test orders"', ""))) == 3


def test_topics_are_names_and_patterns() -> None:
    """The first mapping that names a topic has it; others are canonical."""
    mappings = parse(RIGHT)
    assert mappings.of("erp.orders") is mappings.of("erp.old.2019") is not None
    assert mappings.of("erp.order") is mappings.of("crm.erp.orders") is None


@pytest.mark.parametrize("name", ready_names())
def test_ready_mappings_can_be_used_and_overridden(name: str) -> None:
    """As they are, without some of their rules, and with codes of one's own."""
    used = f'[[mapping]]\nuse = "{name}"\ntopics = ["some.*"]\n'
    rules = list(parse(used).all[0].events)
    assert rules
    less = parse(f'{used}leave_out = ["{rules[-1]}"]\n')
    assert list(less.all[0].events) == rules[:-1]
    assert "no ready rule" in problems(f'{used}leave_out = ["nothing"]\n')[0]
    assert parse(ready_text(name).replace("\n[[mapping]]\n", OWN, 1)).of("own")


def test_every_mapping_has_the_word_list_topics() -> None:
    """Also one that uses nothing ready; entries of its own go over those that come along."""
    talk = """
[[mapping]]
topics = ["talks"]
[[mapping.event]]
type = "crm.interaction.logged"
account = "who"
data = {channel = "'call'", direction = "'inbound'", topics = "words('topics', text)"}
"""
    own = '[words.topics]\nprice = ["kostet"]\n'
    for more, found in [("", ["price", "technical"]), (own, ["technical"])]:
        rule = parse(talk + more).all[0].events["crm.interaction.logged"]
        assert rule.made({"text": "Preisliste und Firmware"})["topics"] == found
    assert "there is no list" in problems(talk.replace("'topics'", "'topcs'"))[0]


def test_own_rules_take_the_place_of_ready_ones() -> None:
    """By their name; the others stay."""
    own = """
[[mapping.event]]
name = "case"
type = "crm.ticket.changed"
entity = "Case"
account = "Account__c"
data = {ticket_id = "Id", status = "'opened'"}
"""
    mapping = parse(f'[[mapping]]\nuse = "salesforce"\ntopics = ["sf"]\n{own}').all[0]
    assert mapping.events["case"].account.text == "Account__c"
    assert {"task", "opportunity"} <= mapping.events.keys()


def test_own_rules_without_a_type_go_over_ready_ones() -> None:
    """What they say is different, field by field; all else stays as it comes along."""
    own = """
[[mapping.event]]
name = "opportunity"
account = "Account__c"
[mapping.event.data]
tender = "Tender__c"
[[mapping.event]]
name = "contact"
[mapping.event.data.contact]
function = "Function__c"
[[mapping.reference]]
name = "contact"
fields = {function = "Function__c"}
"""
    usual = parse('[[mapping]]\nuse = "salesforce"\ntopics = ["sf"]\n').all[0]
    mapping = parse(f'[[mapping]]\nuse = "salesforce"\ntopics = ["sf"]\n{own}').all[0]
    ready, rule = (
        {name: plan.text for name, plan in each.events["opportunity"].plans} for each in (usual, mapping)
    )
    assert {name for name in rule if rule[name] != ready.get(name)} == {"account", "data.tender"}
    assert rule["data.tender"] == "Tender__c"
    person = mapping.events["contact"].made({"Id": "7", "Title": "CEO", "Function__c": "executive"})[
        "contact"
    ]
    assert (person["id"], person["title"], person["function"]) == ("7", "CEO", "executive")
    kept = next(each for each in mapping.references if each.name == "contact")
    assert {"function", "title", "email"} <= dict(kept.fields).keys()


def test_a_rule_that_goes_over_nothing_is_told_what_it_lacks() -> None:
    """A mistyped name is no rule without a type."""
    own = '[[mapping.event]]\nname = "oportunity"\naccount = "A"\n'
    found = problems(f'[[mapping]]\nuse = "salesforce"\ntopics = ["sf"]\n{own}')
    assert any("no ready rule 'oportunity'; did you mean opportunity?" in each for each in found)
    assert any("event 1.type: missing" in each for each in found)


LISTED = """
[[mapping]]
topics = ["products"]
[[mapping.reference]]
kind = "product"
id = "sku"
fields = {kind = "code('kinds', group)"}
[[mapping]]
topics = ["orders"]
[[mapping.event]]
name = "order"
type = "order.placed"
when = "code('statuses', status) != 'cancelled'"
account = "customer"
[mapping.event.data]
order_id = "id"
currency = "currency"
[mapping.event.data.lines]
each = "lines"
sku = "sku"
kind = "lookup('product', sku).kind"
quantity = "n"
unit_price = "price"
[[mapping.event]]
type = "crm.interaction.logged"
account = "customer"
[mapping.event.data]
channel = "code('ways', way) || 'other'"
direction = "'inbound'"
topics = "split(said, ';')[].code('subjects', @)"
[codes.kinds]
"10" = "system"
"*" = "component"
[codes.statuses]
"S" = "cancelled"
"*" = "open"
[codes.ways]
M = "email"
L = ""
[codes.subjects]
Preis = "price"
"""


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"system"', '"sytem"', "codes.kinds.10: 'sytem' is none of component, service, system; did you m"),
        ('"component"', '"part"', "codes.kinds.*: 'part' is none of component, service, system"),
        ('"email"', '"mail"', "codes.ways.M: 'mail' is none of call, demo, "),
        ('Preis = "price"', 'Preis = "pricing"', "codes.subjects.Preis: 'pricing' is none of "),
    ],
)  # fmt: skip
def test_a_code_list_gives_what_the_field_takes(right: str, wrong: str, said: str) -> None:
    """Also by way of reference data, in a list, and beside another value: else each such record dies."""
    assert parse(LISTED).doubts == []
    (problem,) = problems(LISTED.replace(right, wrong, 1))
    assert problem.startswith(f"mapping.toml: {said}")


def test_a_value_that_is_compared_with_nowhere_is_in_doubt() -> None:
    """A cancelled order that is `canceled` counts as an order, and nothing else would tell."""
    (doubt,) = parse(LISTED.replace('"S" = "cancelled"', '"S" = "canceled"')).doubts
    said = "'canceled' is compared with nowhere; compared with: cancelled"
    assert doubt == f"mapping: codes.statuses: {said}"
