"""The catalogue: intents with their examples, and word lists; read from Rasa NLU YAML and written back without loss."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from intents.catalogue_document import (
    NluDocument,
    NluItem,
    read_document,
    with_item,
    with_line,
    without_line,
)
from intents.catalogue_entities import ExampleEntity, parse_annotated
from intents.errors import CatalogueError, UnknownIntentError
from intents.text import comparable

_YAML: Final = (".yml", ".yaml")
_NEW_FILE: Final = 'version: "3.1"\n\nnlu:\n'


@dataclass(frozen=True, slots=True)
class Example:
    """How somebody said what an intent means.

    Attributes:
        intent: Its intent; a retrieval intent keeps its part behind the slash.
        text: Plain.
        annotated: As written, with entities marked.
        file: The document's path.
        line: Counted from 1.
    """

    intent: str
    text: str
    annotated: str
    entities: tuple[ExampleEntity, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All documents, and what the readable ones say.

    Attributes:
        parsed: Those with YAML in them, in the order given.
        others: Text of the documents that are no YAML, by path.
    """

    parsed: tuple[NluDocument, ...]
    others: Mapping[str, str]

    def documents(self) -> Mapping[str, str]:
        """Return every document's text by path; one that was not changed has every byte that it came with."""
        return {**{one.path: one.text for one in self.parsed}, **self.others}

    def examples(self) -> tuple[Example, ...]:
        """Return the examples of all intents; ones whose entities cannot be read are left out (see ``problems``)."""
        found = []
        for document, item in self._items("intent"):
            for line in item.lines:
                try:
                    text, entities = parse_annotated(line.text)
                except ValueError:
                    continue
                found.append(
                    Example(item.name, text, line.text, entities, document.path, line.line)
                )
        return tuple(found)

    @property
    def intents(self) -> tuple[str, ...]:
        """Return the names of all intents, in the order they are written."""
        return tuple(dict.fromkeys(item.name for _, item in self._items("intent")))

    @property
    def synonyms(self) -> Mapping[str, tuple[str, ...]]:
        """Return other words for a value, by the value."""
        return self._words("synonym")

    @property
    def regexes(self) -> Mapping[str, tuple[str, ...]]:
        """Return patterns by name."""
        return self._words("regex")

    @property
    def lookups(self) -> Mapping[str, tuple[str, ...]]:
        """Return word lists by name."""
        return self._words("lookup")

    def with_example(self, intent: str, text: str) -> "Catalogue":
        """Add an example to an intent; its file keeps every other byte.

        Raises:
            UnknownIntentError: There is no such intent.
            CatalogueError: The text is blank, has several lines or broken annotations, or stands there already.
        """
        written = text.strip()
        self._check_new(intent, written)
        places = [place for place in self._items("intent") if place[1].name == intent]
        if not places:
            raise self._unknown(intent)
        document, item = places[-1]
        return self._replacing(with_line(document, item, written))

    def without_example(self, intent: str, text: str) -> "Catalogue":
        """Remove an example, given plain or annotated; its file keeps every other byte.

        Raises:
            UnknownIntentError: There is no such intent.
            CatalogueError: There is no such example, or it is the only one of its item.
        """
        if intent not in self.intents:
            raise self._unknown(intent)
        for document, item in self._items("intent"):
            for line in item.lines if item.name == intent else ():
                if text.strip() in (line.text, _plain(line.text)):
                    return self._replacing(without_line(document, item, line))
        raise CatalogueError(
            f"intent {intent!r} has no example {text!r}; look at the examples it has"
        )

    def with_intent(self, intent: str, texts: Sequence[str], path: str) -> "Catalogue":
        """Add an intent with its first examples to a document; a new one is made where there is none.

        Raises:
            CatalogueError: The intent is there already, its name or a text cannot be used, or there are no texts.
        """
        if intent in self.intents or not intent.replace("/", "").isidentifier():
            raise CatalogueError(
                f"{intent!r} cannot be a new intent's name; take letters, digits and _, and a name not yet taken"
            )
        if not texts:
            raise CatalogueError(f"intent {intent!r} has no examples; give one or more")
        for text in texts:
            self._check_new(intent, text.strip())
        known = {document.path: document for document in self.parsed}
        document = known.get(path) or read_document(path, _NEW_FILE)
        changed = with_item(document, intent, [text.strip() for text in texts])
        if path in known:
            return self._replacing(changed)
        return Catalogue((*self.parsed, changed), self.others)

    def problems(self) -> tuple[str, ...]:
        """Return what keeps the catalogue from being used, each ``file:line: what; remedy``."""
        return (*self.flaws(), *self._repeated())

    def flaws(self) -> tuple[str, ...]:
        """Return what cannot be read, without the texts that stand under two intents."""
        found = [
            f"{document.path}:{flaw.line}: {flaw.text}"
            for document in self.parsed
            for flaw in (*document.flaws, *(flaw for item in document.items for flaw in item.flaws))
        ]
        return (*found, *self._bad_entities())

    def _items(self, kind: str) -> Iterator[tuple[NluDocument, NluItem]]:
        for document in self.parsed:
            for item in document.items:
                if item.kind == kind:
                    yield document, item

    def _words(self, kind: str) -> Mapping[str, tuple[str, ...]]:
        words: dict[str, tuple[str, ...]] = {}
        for _, item in self._items(kind):
            words[item.name] = words.get(item.name, ()) + tuple(line.text for line in item.lines)
        return words

    def _replacing(self, changed: NluDocument) -> "Catalogue":
        parsed = (changed if one.path == changed.path else one for one in self.parsed)
        return Catalogue(tuple(parsed), self.others)

    def _check_new(self, intent: str, text: str) -> None:
        if not text or len(text.splitlines()) > 1:
            raise CatalogueError(f"an example of {intent!r} must be one line of text, not {text!r}")
        try:
            plain, _ = parse_annotated(text)
        except ValueError as error:
            raise CatalogueError(f"example {text!r} of {intent!r}: {error}") from error
        for known in self.examples():
            if comparable(known.text) == comparable(plain):
                raise CatalogueError(
                    f"{text!r} stands already under {known.intent!r} ({known.file}:{known.line}); remove it there first"
                )

    def _unknown(self, intent: str) -> UnknownIntentError:
        return UnknownIntentError(
            f"the catalogue has no intent {intent!r}; it has {len(self.intents)}, such as "
            f"{', '.join(self.intents[:3])}; add it with its first examples"
        )

    def _bad_entities(self) -> Iterator[str]:
        for document, item in self._items("intent"):
            for line in item.lines:
                try:
                    parse_annotated(line.text)
                except ValueError as error:
                    yield f"{document.path}:{line.line}: {error}"

    def _repeated(self) -> Iterator[str]:
        first: dict[str, Example] = {}
        for example in self.examples():
            known = first.setdefault(comparable(example.text), example)
            if known.intent != example.intent:
                yield (
                    f"{example.file}:{example.line}: {example.text!r} stands under {example.intent!r} and under "
                    f"{known.intent!r} ({known.file}:{known.line}); remove one of them"
                )


def read_catalogue(documents: Mapping[str, str]) -> Catalogue:
    """Read a catalogue.

    Args:
        documents: Text by path. YAML with a key ``nlu`` is read; everything else is only kept.

    Raises:
        CatalogueError: A file is broken YAML or made for a newer Rasa; names file, line and remedy.
    """
    parsed = tuple(
        read_document(path, text) for path, text in documents.items() if _is_nlu(path, text)
    )
    known = {one.path for one in parsed}
    return Catalogue(parsed, {path: text for path, text in documents.items() if path not in known})


def find_problems(documents: Mapping[str, str]) -> tuple[str, ...]:
    """Return everything that is wrong, broken files included, each ``file:line: what; remedy``."""
    readable: dict[str, str] = {}
    found: list[str] = []
    for path, text in documents.items():
        try:
            read_catalogue({path: text})
            readable[path] = text
        except CatalogueError as error:
            found.append(str(error))
    return (*found, *read_catalogue(readable).problems())


def _is_nlu(path: str, text: str) -> bool:
    """Tell without parsing whether a file has NLU data: by its name, or a key ``nlu`` at the margin."""
    if not path.endswith(_YAML):
        return False
    return path.rpartition("/")[2].startswith("nlu") or any(
        row.startswith(("nlu:", "'nlu':", '"nlu":')) for row in text.split("\n")
    )


def _plain(annotated: str) -> str:
    try:
        return parse_annotated(annotated)[0]
    except ValueError:
        return annotated
