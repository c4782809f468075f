"""A release of nothing but small things: five intents, four articles, encoders drawn at random."""

import hashlib
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from bot.dialogue.reading import WORDING_FILE
from bot.dialogue.reading_flows import FLOWS_FILE
from bot.domain.conversation import Conversation
from bot.domain.message import ConversationId
from bot.encoder import MODEL_FILE, SETTINGS_FILE, TOKENIZER_FILE, EncoderSettings
from bot.loading import BASE, SENTIMENT, ReleaseLoader
from bot.seed import seed_documents
from bot.sql import Database, open_database
from bot.stores.releases import Documents, SqlReleases
from intents.artifact import SENTIMENT_KIND, SENTIMENTS, write_sentiment_head
from intents.classifier import LinearSentimentHead
from intents.container import HeadManifest
from training.exports import ExportSource
from training.models import ModelPlan
from training.progress import Timed
from training.publish import PublishOrder, PublishReport, publish
from training.regression import rehearsal_loader

DIM: Final = 32
NLU: Final = "catalogue/nlu.yml"
IDLE: Final = Conversation(ConversationId("c"))

EXAMPLES = {
    "greet": ["hello", "hi there", "good morning", "hey you", "hello good day", "hi good evening"],
    "order_status": [
        "where is my parcel",
        "is my order on its way",
        "order status please",
        "when will my parcel come",
        "my order has not come",
        "track my order",
    ],
    "cancel_order": [
        "cancel it",
        "please cancel",
        "i want to cancel",
        "cancel everything",
        "stop it and cancel",
        "can you cancel",
    ],
    "return_policy": [
        "can i send boots back",
        "how long may i return a tent",
        "return policy for a jacket",
        "send my jacket back",
        "how do returns work",
        "may i return worn boots",
    ],
    "out_of_scope": [
        "what is the capital of france",
        "tell me a joke",
        "book me a flight",
        "who won the match",
        "write a poem",
        "will it rain tomorrow",
    ],
}

ARTICLES = {
    "returns/return-policy": ("How long can I return things?", "You have 60 days to send it back."),
    "delivery/delivery-time": ("How long does delivery take?", "A parcel takes 3 to 5 days."),
    "payments/payment-methods": ("How can I pay?", "We take every usual card and vouchers."),
    "warranty/warranty-period": ("How long is the warranty?", "Everything has 2 years, tents 5."),
}

QUESTIONS = {
    "returns/return-policy": ["how long may I return", "send it back", "is there a return limit"],
    "delivery/delivery-time": ["when will it come", "days for a parcel", "how fast is delivery"],
    "payments/payment-methods": ["which card can I use", "pay with vouchers", "do you take cash"],
    "warranty/warranty-period": ["years of warranty", "tent warranty", "is it still covered"],
}

ROUTES = """\
routes:
  greet: {say: greet, title: say hello}
  order_status: {flow: order_status, title: see how far an order is}
  cancel_order: {flow: cancel_order, title: cancel an order}
  return_policy: {search: returns, title: what can be returned}
"""

CONVERSATION = """\
- name: says hello
  turns:
    - says: hello
      replies: [{not_contains: sorry}]
"""


def nlu_document(examples: dict[str, list[str]]) -> str:
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in examples.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    return "\n".join(lines) + "\n"


def tiny_documents() -> dict[str, str]:
    seed = seed_documents()
    articles = {f"articles/{path}.md": _article(path) for path in ARTICLES}
    return {
        NLU: nlu_document(EXAMPLES),
        "catalogue/routes.yml": ROUTES,
        FLOWS_FILE: seed[FLOWS_FILE],
        WORDING_FILE: seed[WORDING_FILE],
        "conversations/all.yml": CONVERSATION,
        **articles,
    }


def _article(path: str) -> str:
    title, text = ARTICLES[path]
    questions = "\n".join(f"  - {question}" for question in QUESTIONS[path])
    topic = path.partition("/")[0]
    return (
        f"---\ntitle: {title}\ntopic: {topic}\nquestions:\n{questions}\n"
        f"updated: 2026-10-01\n---\n\n{text}\n"
    )


@dataclass(frozen=True, slots=True)
class TinyPlan(ModelPlan):
    """Takes encoders that lie ready in a folder, instead of exporting them."""

    ready: Path = Path()
    mark: str = "1"

    def sources(self) -> tuple[ExportSource, ...]:
        copy = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)"
        return tuple(
            ExportSource(
                (group,),
                f"{group}-{self.mark}",
                (sys.executable, "-c", copy, str(self.ready / group)),
            )
            for group in (BASE, SENTIMENT)
        )


def write_tiny_models(folder: Path, documents: Documents) -> TinyPlan:
    """Write both encoders and the sentiment head."""
    tokenizer = _tokenizer(documents)
    chance = np.random.default_rng(7)
    for group in (BASE, SENTIMENT):
        (folder / group).mkdir(parents=True)
        words = chance.normal(size=(tokenizer.get_vocab_size(), DIM)).astype(np.float32)
        model = _mean_of_words(words).SerializeToString()
        sha256 = hashlib.sha256(model).hexdigest()
        settings = EncoderSettings(f"tiny {group}", DIM, "mean", True, "", 64, sha256, DIM)  # noqa: FBT003
        (folder / group / MODEL_FILE).write_bytes(model)
        (folder / group / TOKENIZER_FILE).write_text(tokenizer.to_str())
        (folder / group / SETTINGS_FILE).write_text(json.dumps(asdict(settings)))
    weights = chance.normal(size=(3, DIM)).astype(np.float32)
    head = LinearSentimentHead(weights, np.zeros(3, dtype=np.float32), 1.0)
    manifest = HeadManifest(SENTIMENT_KIND, SENTIMENTS, sha256, DIM, "none")
    (folder / SENTIMENT / "head.safetensors").write_bytes(write_sentiment_head(head, manifest))
    return TinyPlan("", folder, ready=folder)


def _mean_of_words(words: NDArray[np.float32]) -> onnx.ModelProto:
    """Make an encoder that knows words but no order: the mean of their vectors, scaled to length 1."""
    make, kind = helper.make_node, TensorProto
    nodes = [
        make("Gather", ["words", "input_ids"], ["tokens"]),
        make("ReduceSum", ["tokens", "first"], ["sums"], keepdims=0),
        make("Identity", ["vectors"], ["moods"]),
        make("LpNormalization", ["sums"], ["vectors"], axis=1, p=2),
    ]
    inputs = [
        helper.make_tensor_value_info(name, kind.INT64, ["batch", "length"])
        for name in ("input_ids",)
    ]
    outputs = [
        helper.make_tensor_value_info(n, kind.FLOAT, ["batch", DIM]) for n in ("vectors", "moods")
    ]
    constants = [
        numpy_helper.from_array(words, "words"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "first"),
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _tokenizer(documents: Documents) -> Tokenizer:
    words = sorted(
        {word for text in documents.values() for word in re.findall(r"\w+", text.lower())}
    )
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(WordLevel({w: n for n, w in enumerate([*special, *words])}, "[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


@dataclass(frozen=True, slots=True)
class House:
    """A database with a draft, and what is needed to publish it."""

    database: Database
    releases: SqlReleases
    loader: ReleaseLoader
    plan: TinyPlan

    async def publish(self, *, forces: bool = False, message: str = "") -> PublishReport:
        order = PublishOrder(self.plan, message, forces)
        return await publish(self.releases, self.loader, order, Timed())

    async def change(self, path: str, text: str) -> None:
        draft = await self.releases.draft()
        documents = {**draft.documents, path: text}
        await self.releases.save_draft(documents, expected=draft.fingerprint)


@asynccontextmanager
async def open_house(folder: Path, plan: TinyPlan) -> AsyncIterator[House]:
    """Open a database with the tiny draft in it."""
    database = open_database(f"sqlite:///{folder / 'kefu.db'}")
    try:
        releases = SqlReleases(database, folder / "cache")
        await releases.set_up()
        await releases.save_draft(tiny_documents(), expected=None)
        yield House(database, releases, rehearsal_loader(releases), plan)
    finally:
        await database.close()
