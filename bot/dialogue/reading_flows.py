"""Reads flows with their slots and choices from YAML nodes."""

import re
from typing import Final

from bot.dialogue.playbook import Choice, Flow, SlotKind, SlotSpec
from bot.dialogue.reading_yaml import Node, Problems

FLOWS_FILE: Final = "catalogue/flows.yml"

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FLOW_KEYS: Final = (
    "title",
    "slots",
    "action",
    "preview",
    "reads_only",
    "needs_customer",
    "constants",
    "asks_again",
)
_SLOT_KEYS: Final = (
    "name",
    "kind",
    "ask",
    "choose_from",
    "choices",
    "is_kept",
    "is_required",
    "if_refused",
)
_CHOICE_KEYS: Final = ("value", "title", "words")


def read_flows(root: Node, problems: Problems) -> dict[str, Flow]:
    """Read all flows; what is wrong is told to ``problems``."""
    root.only("flows")
    if not root.has("flows"):
        problems.tell(root.place, "there are no flows", "write them under 'flows:', or {} for none")
    flows: dict[str, Flow] = {}
    for name, node in root.child("flows").children():
        if not _NAME.fullmatch(name):
            node.tell(f"{name!r} cannot name a flow", "take small letters, digits and _")
        flows[name] = _read_flow(name, node)
    return flows


def _read_flow(name: str, node: Node) -> Flow:
    node.only(*_FLOW_KEYS)
    slots = tuple(_read_slot(item) for item in node.child("slots").items())
    flow = Flow(
        name=name,
        title=node.text("title"),
        slots=slots,
        action=node.text("action"),
        preview=node.text("preview"),
        reads_only=node.flag("reads_only", default=False),
        needs_customer=node.flag("needs_customer", default=True),
        constants=node.child("constants").strings(),
        asks_again=node.child("asks_again").strings(),
    )
    _check_flow(flow, node)
    return flow


def _check_flow(flow: Flow, node: Node) -> None:
    if not flow.title:
        node.tell(f"the flow {flow.name!r} has no title", "say in a few words what it does")
    if not flow.action:
        node.tell(f"the flow {flow.name!r} has no action", "name the action that does it")
    if not flow.reads_only and not flow.preview:
        remedy = "name a reads-only action that reads the change back, or write reads_only: true"
        node.tell(f"the flow {flow.name!r} changes something without a preview", remedy)
    if flow.reads_only and flow.preview:
        remedy = "remove the preview, or reads_only"
        node.tell(f"the flow {flow.name!r} reads only, yet has a preview", remedy, at="preview")
    names = [spec.name for spec in flow.slots]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        node.tell(f"the slot {twice!r} stands twice", "keep one of them", at="slots")
    for reason, slot in flow.asks_again.items():
        if slot not in names:
            what = f"{reason!r} asks again for {slot!r}, which is no slot of the flow"
            node.tell(what, f"take one of {', '.join(names) or 'no slots'}", at="asks_again")


def _read_slot(node: Node) -> SlotSpec:
    node.only(*_SLOT_KEYS)
    name, kind = node.text("name"), node.text("kind")
    kinds = [known.value for known in SlotKind]
    if not _NAME.fullmatch(name):
        node.tell(f"{name!r} cannot name a slot", "take small letters, digits and _")
    if kind not in kinds:
        node.tell(f"{kind!r} is no kind of slot", f"take one of {', '.join(kinds)}", at="kind")
        kind = SlotKind.TEXT.value
    spec = SlotSpec(
        name=name,
        kind=SlotKind(kind),
        ask=node.text("ask"),
        choose_from=node.text("choose_from"),
        choices=tuple(_read_choice(item) for item in node.child("choices").items()),
        is_kept=node.flag("is_kept", default=False),
        is_required=node.flag("is_required", default=True),
        if_refused=node.text("if_refused"),
    )
    _check_slot(spec, node)
    return spec


def _check_slot(spec: SlotSpec, node: Node) -> None:
    values = [choice.value for choice in spec.choices]
    if not spec.ask:
        node.tell(f"the slot {spec.name!r} has no question", "name a wording under 'ask'")
    if spec.kind is SlotKind.CHOICE and not spec.choices:
        node.tell(f"the choice {spec.name!r} has nothing to choose from", "write 'choices'")
    if spec.kind is not SlotKind.CHOICE and spec.choices:
        remedy = "write kind: choice, or remove the choices"
        node.tell(f"the slot {spec.name!r} is no choice, yet has choices", remedy, at="choices")
    if len(values) != len(set(values)):
        node.tell(f"two choices of {spec.name!r} have one value", "rename one", at="choices")
    if spec.kind is SlotKind.CHOICE and spec.if_refused and spec.if_refused not in values:
        what = f"{spec.if_refused!r} is none of the choices of {spec.name!r}"
        node.tell(what, f"take one of {', '.join(values)}", at="if_refused")


def _read_choice(node: Node) -> Choice:
    node.only(*_CHOICE_KEYS)
    value, title = node.text("value"), node.text("title")
    if not value or not title:
        node.tell("a choice wants a value and a title", "write both")
    return Choice(value, title, node.child("words").texts())
