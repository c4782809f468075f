import re

import pytest

from bot.dialogue.playbook import FlowRoute, Playbook, SearchRoute, SlotKind
from bot.dialogue.reading import check_routes, read_playbook
from bot.errors import ReleaseInvalidError
from tests.builders import CATALOGUE, THRESHOLDS, a_playbook, catalogue_documents

ROUTES, FLOWS, WORDING = (f"catalogue/{name}.yml" for name in ("routes", "flows", "wording"))


def read(**changed: str) -> Playbook:
    """Read the seed with some documents changed, by their short names."""
    documents = catalogue_documents()
    for name, text in changed.items():
        documents[f"catalogue/{name}.yml"] = text
    return read_playbook(documents, THRESHOLDS, release=7)


def problems(**changed: str) -> list[str]:
    with pytest.raises(ReleaseInvalidError) as caught:
        read(**changed)
    return str(caught.value).splitlines()


def seed(name: str) -> str:
    return catalogue_documents()[f"catalogue/{name}.yml"]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def catalogue_intents() -> set[str]:
    texts = "\n".join(path.read_text("utf-8") for path in CATALOGUE.glob("nlu_*.yml"))
    return set(re.findall(r"^- intent: (\w+)", texts, re.MULTILINE))


def test_the_seed_reads_without_a_problem() -> None:
    playbook = a_playbook()

    assert playbook.routes["cancel_order"] == FlowRoute("cancel_order")
    assert playbook.routes["delivery_cost"] == SearchRoute("delivery")
    assert playbook.flows["report_damaged_item"].constants == {"kind": "damaged"}
    assert playbook.flows["start_return"].slots[2].kind is SlotKind.CHOICE
    assert playbook.thresholds == THRESHOLDS


def test_every_intent_of_the_seed_has_a_route_and_every_route_an_intent() -> None:
    playbook = a_playbook()

    assert check_routes(playbook, catalogue_intents()) == ()
    assert catalogue_intents() - playbook.routes.keys() == {"out_of_scope"}


def test_every_topic_of_the_seed_is_one_of_the_articles() -> None:
    topics = {
        route.topic for route in a_playbook().routes.values() if isinstance(route, SearchRoute)
    }
    folders = {path.name for path in (CATALOGUE.parents[1] / "knowledge_base/articles").iterdir()}

    assert topics <= folders


def test_every_changing_flow_of_the_seed_has_a_preview_and_is_for_customers() -> None:
    changing = [flow for flow in a_playbook().flows.values() if not flow.reads_only]

    assert len(changing) == 10
    assert all(flow.preview and flow.needs_customer for flow in changing)


def test_a_route_of_an_unknown_intent_is_told() -> None:
    found = check_routes(a_playbook(), catalogue_intents() - {"greet"})

    assert len(found) == 1
    assert "'greet'" in found[0]


def test_a_problem_names_file_line_and_remedy() -> None:
    broken = seed("routes").replace("{say: greet,", "{say: hullo,")

    found = problems(routes=broken)

    line = line_of(broken, "{say: hullo,")
    assert found == [
        f"{ROUTES}:{line}: there is no wording 'hullo'; add it to {WORDING}, or route 'greet' elsewhere"
    ]


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        routes=seed("routes").replace("{flow: track_parcel,", "{flow: trace_parcel,"),
        flows=seed("flows").replace("kind: address", "kind: adress"),
        wording=seed("wording").replace("  switch:", "  swich:"),
    )

    assert {line.partition(":")[0] for line in found} == {ROUTES, FLOWS, WORDING}


@pytest.mark.parametrize(
    ("document", "old", "new", "said"),
    [
        ("routes", "{say: thank,", "{say: thank, flow: cancel_order,", "leads 2 ways"),
        ("routes", "title: say hello", "titel: say hello", "key 'titel' is unknown"),
        ("routes", ", title: say hello", "", "has no title"),
        ("routes", "{act: affirm", "{act: nod", "'nod' is no act"),
        ("routes", "max_failures: 2", "max_failures: many", "must be a whole number"),
        ("routes", "max_failures: 2", "max_failures: 99", "must be a whole number"),
        ("flows", "action: action_cancel_order", "", "has no action"),
        ("flows", "preview: action_preview_cancel_order", "", "without a preview"),
        ("flows", "title: cancel an order", "title: ''", "has no title"),
        ("flows", "kind: order_lines", "kind: lines", "'lines' is no kind of slot"),
        ("flows", "ask: ask_address", "ask: ask_adress", "no wording 'ask_adress'"),
        ("flows", "if_refused: other", "if_refused: unknown", "none of the choices"),
        ("flows", "{unknown_order: order_number}", "{unknown_order: order}", "no slot of the flow"),
        ("flows", "    reads_only: true", "    reads_only: 1", "must be true or false"),
        ("flows", "value: too_big", "value: too_small", "have one value"),
        ("flows", "{kind: missing}", "{kind: 3}", "must be a text"),
        ("flows", "slots: []", "slots: {}", "a list was expected"),
        ("wording", "  switch:", "  swich:", "'switch' is missing"),
        ("wording", 'confirm_no: "No"', "confirm_no:", "'confirm_no' is empty"),
        ("wording", "confirm_yes: Yes, do it", "confirm_yes: Yes {name}", "value for {name}"),
        ("wording", "Which order do you mean?", "Order {parcel}?", "value for {parcel}"),
        ("wording", "shop:\n  shop:", "shops:\n  shop:", "key 'shops' is unknown"),
    ],
)
def test_what_does_not_hold_is_told(document: str, old: str, new: str, said: str) -> None:
    text = seed(document)
    assert old in text

    found = problems(**{document: text.replace(old, new, 1)})

    assert any(said in line and line.startswith(f"catalogue/{document}.yml:") for line in found)
    assert all("; " in line for line in found)


@pytest.mark.parametrize("broken", ["routes: [", "routes: {a: 1, a: 2}", "\troutes: 1"])
def test_broken_yaml_is_told_with_its_line(broken: str) -> None:
    found = problems(routes=broken)

    assert found[0].startswith(f"{ROUTES}:1: this is no YAML")


def test_a_missing_file_is_told() -> None:
    documents = catalogue_documents()
    del documents[FLOWS]

    with pytest.raises(ReleaseInvalidError, match=r"flows\.yml: the file is missing"):
        read_playbook(documents, THRESHOLDS, release=1)


@pytest.mark.parametrize("text", ["", "[]", "just words", "flows: 3", "flows: {a: 1}"])
def test_any_other_shape_is_a_problem_and_no_crash(text: str) -> None:
    assert problems(flows=text)
