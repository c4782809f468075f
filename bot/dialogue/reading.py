"""Reads routes, flows and wording from YAML into a playbook; tells every problem with file, line and remedy."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from bot.dialogue.playbook import (
    ActRoute,
    DialogueAct,
    EscalateRoute,
    Flow,
    FlowRoute,
    Playbook,
    Route,
    SayRoute,
    SearchRoute,
    Thresholds,
    Wording,
)
from bot.dialogue.reading_flows import FLOWS_FILE, read_flows
from bot.dialogue.reading_yaml import Node, Problems, read_document
from bot.dialogue.situation import CHOOSE
from bot.dialogue.wording import VALUES_OF, Key, placeholders
from bot.errors import ReleaseInvalidError

ROUTES_FILE: Final = "catalogue/routes.yml"
WORDING_FILE: Final = "catalogue/wording.yml"

_WAYS: Final = ("search", "flow", "say", "escalate", "act")
_LIMITS: Final = ("max_failures", "max_angers")
_DEFAULT_LIMIT: Final = 2
_MAX_LIMIT: Final = 10


def read_playbook(documents: Mapping[str, str], thresholds: Thresholds, release: int) -> Playbook:
    """Read a playbook.

    Args:
        documents: The texts of ``catalogue/routes.yml``, ``catalogue/flows.yml`` and ``catalogue/wording.yml``
            by these paths.
        thresholds: Where the policy draws its lines.
        release: The release's number.

    Raises:
        ReleaseInvalidError: Something does not hold; the message lists every problem, one a line, as
            ``file:line: what; remedy``.
    """
    problems = Problems()
    texts, shop = _read_wording(read_document(documents, WORDING_FILE, problems), problems)
    flows = read_flows(read_document(documents, FLOWS_FILE, problems), problems)
    root = read_document(documents, ROUTES_FILE, problems)
    root.only("limits", "routes")
    routes, titles = _read_routes(root.child("routes"))
    _check_targets(root.child("routes"), routes, flows, texts)
    _check_asks(documents, flows, texts, shop, problems)
    limits = root.child("limits")
    limits.only(*_LIMITS)
    failures, angers = (limits.whole(name, _DEFAULT_LIMIT, 1, _MAX_LIMIT) for name in _LIMITS)
    if problems.found:
        raise ReleaseInvalidError("\n".join(problems.found))
    wording = Wording(texts)
    return Playbook(release, routes, flows, titles, wording, thresholds, failures, angers, shop)


def read_wording(documents: Mapping[str, str]) -> tuple[Wording, Mapping[str, str]]:
    """Read what is said, without routes and flows; returns the wording and the shop's own values.

    Raises:
        ReleaseInvalidError: Something in ``catalogue/wording.yml`` does not hold.
    """
    problems = Problems()
    texts, shop = _read_wording(read_document(documents, WORDING_FILE, problems), problems)
    if problems.found:
        raise ReleaseInvalidError("\n".join(problems.found))
    return Wording(texts), shop


def check_routes(playbook: Playbook, intent_names: Collection[str]) -> tuple[str, ...]:
    """Compare the routes with the catalogue's intents.

    Returns:
        Problems, one sentence each: routes of intents that the catalogue does not have. An intent without a route
        is none: it is searched.
    """
    unknown = (name for name in playbook.routes if name not in intent_names and name != CHOOSE)
    return tuple(
        f"{ROUTES_FILE}: the intent {name!r} has a route but no examples; add it to the catalogue, "
        "or remove the route"
        for name in unknown
    )


def _read_routes(node: Node) -> tuple[dict[str, Route], dict[str, str]]:
    routes: dict[str, Route] = {}
    titles: dict[str, str] = {}
    for name, entry in node.children():
        entry.only(*_WAYS, "title")
        route = _read_route(name, entry)
        if route is not None:
            routes[name] = route
        title = entry.text("title")
        if title:
            titles[name] = title
        else:
            entry.tell(f"the route of {name!r} has no title", "say what a button shall call it")
    return routes, titles


def _read_route(name: str, entry: Node) -> Route | None:
    ways = [way for way in _WAYS if entry.has(way)]
    if len(ways) != 1:
        remedy = f"give exactly one of {', '.join(_WAYS)}"
        entry.tell(f"the route of {name!r} leads {len(ways)} ways", remedy)
        return None
    way, value = ways[0], entry.text(ways[0])
    if way == "act":
        return _read_act(entry, value)
    makers: Mapping[str, Callable[[str], Route]] = {
        "search": SearchRoute,
        "flow": FlowRoute,
        "say": SayRoute,
        "escalate": EscalateRoute,
    }
    return makers[way](value)


def _read_act(entry: Node, value: str) -> ActRoute | None:
    known = [act.value for act in DialogueAct]
    if value in known:
        return ActRoute(DialogueAct(value))
    entry.tell(f"{value!r} is no act", f"take one of {', '.join(known)}", at="act")
    return None


def _check_targets(
    node: Node,
    routes: Mapping[str, Route],
    flows: Mapping[str, Flow],
    texts: Mapping[str, tuple[str, ...]],
) -> None:
    for name, entry in node.children():
        match routes.get(name):
            case FlowRoute(flow) if flow not in flows:
                remedy = f"add it to {FLOWS_FILE}, or route {name!r} elsewhere"
                entry.tell(f"there is no flow {flow!r}", remedy, at="flow")
            case SayRoute(wording) if wording not in texts:
                remedy = f"add it to {WORDING_FILE}, or route {name!r} elsewhere"
                entry.tell(f"there is no wording {wording!r}", remedy, at="say")


def _read_wording(
    root: Node, problems: Problems
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    root.only("shop", "texts")
    shop = {name: str(value.value) for name, value in root.child("shop").children()}
    node = root.child("texts")
    texts: dict[str, tuple[str, ...]] = {}
    for name, entry in node.children():
        variants = entry.texts()
        if variants and all(variants):
            texts[name] = variants
        else:
            entry.tell(f"the wording {name!r} is empty", "write at least one text")
    for key in Key:
        if key.value not in texts and not node.has(key.value):
            problems.tell(node.place, f"the wording {key.value!r} is missing", "write it")
        else:
            _check_values(
                node.child(key.value), texts.get(key.value, ()), {*shop, *_values_of(key)}
            )
    return texts, shop


def _values_of(key: Key) -> frozenset[str]:
    return VALUES_OF.get(key, frozenset())


def _check_values(entry: Node, variants: tuple[str, ...], known: Collection[str]) -> None:
    wanted = {name for text in variants for name in placeholders(text)}
    for name in sorted(wanted - set(known)):
        remedy = f"take one of {', '.join(sorted(known))}, or write it out"
        entry.tell(f"nothing gives a value for {{{name}}} here", remedy)


def _check_asks(
    documents: Mapping[str, str],
    flows: Mapping[str, Flow],
    texts: Mapping[str, tuple[str, ...]],
    shop: Mapping[str, str],
    problems: Problems,
) -> None:
    """Check that every question exists, and wants no value that is not there when it is asked."""
    silent = Problems()
    root = read_document(documents, FLOWS_FILE, silent).child("flows")
    wording = read_document(documents, WORDING_FILE, silent).child("texts")
    for flow in flows.values():
        node = root.child(flow.name)
        known = {*shop}
        for spec in flow.slots:
            if spec.ask in texts:
                entry = wording.child(spec.ask)
                wanted = {name for text in texts[spec.ask] for name in placeholders(text)}
                for name in sorted(wanted - known):
                    what = f"nothing gives a value for {{{name}}} when {spec.name!r} is asked for"
                    problems.tell(entry.place, what, "write it out, or ask for that slot before")
            elif spec.ask:
                what = f"there is no wording {spec.ask!r} to ask for {spec.name!r}"
                problems.tell(node.place, what, f"add it to {WORDING_FILE}")
            known.add(spec.name)
