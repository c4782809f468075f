"""A draft with 150 intents of 100 examples each, put together from CLINC150 for the benchmark; nothing of it is kept."""

import json
from pathlib import Path
from typing import Final

from bot.dialogue.reading import ROUTES_FILE
from bot.domain.understanding import OUT_OF_SCOPE
from bot.seed import ARTICLES, CATALOGUE, seed_documents
from bot.stores.releases import Documents

DATA: Final = Path(__file__).parents[2] / "shared" / "data" / "clinc150"

Texts = dict[str, list[str]]


def many_documents(folder: Path = DATA) -> Documents:
    """Return documents: a catalogue file per domain, a route per intent, the shop's own articles and wording."""
    content = json.loads((folder / "data_full.json").read_text("utf-8"))
    domains: dict[str, list[str]] = json.loads((folder / "domains.json").read_text("utf-8"))
    texts: Texts = {}
    for text, intent in content["train"]:
        texts.setdefault(intent, []).append(text)
    strange = {OUT_OF_SCOPE: [text for text, _ in content["oos_train"]]}
    seed = seed_documents()
    kept = {
        path: text
        for path, text in seed.items()
        if path.startswith((f"{ARTICLES}/", f"{CATALOGUE}/flows", f"{CATALOGUE}/wording"))
    }
    files = {
        f"{CATALOGUE}/nlu_{domain}.yml": _nlu({intent: texts[intent] for intent in intents})
        for domain, intents in domains.items()
    }
    routes = "".join(f'  {intent}: {{search: "", title: {_said(intent)}}}\n' for intent in texts)
    return {
        **kept,
        **files,
        f"{CATALOGUE}/nlu_strange.yml": _nlu(strange),
        ROUTES_FILE: f"routes:\n{routes}",
    }


def _nlu(texts: Texts) -> str:
    rows = ['version: "3.1"', "", "nlu:"]
    for intent, examples in texts.items():
        rows += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in examples)]
    return "\n".join(rows) + "\n"


def _said(intent: str) -> str:
    return json.dumps(intent.replace("_", " "))
