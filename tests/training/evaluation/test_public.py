"""Public sets in their published formats, made here on a small scale; and the table of all that was promised."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from bot.domain.understanding import OUT_OF_SCOPE
from tests.training.evaluation.tiny_models import WORDS, WordEncoder, examples
from training.errors import DatasetError, TrainingError
from training.evaluation.passage_search import HybridSearch, VectorSearch, WordSearch
from training.evaluation.passages import passage_of, read_passage_set
from training.evaluation.public_intents import PUBLIC_INTENTS
from training.evaluation.public_others import (
    SentimentParts,
    find_airline_tweets,
    find_feedbackqa,
    find_sst2,
    find_stackfaq,
)
from training.evaluation.public_runs import head_on, run_intents, run_searches
from training.evaluation.quality import Figure, figures_of, keep_figures
from training.evaluation.quality_table import LINES, write_table
from training.evaluation.recipes import DEEP, SERVICE, EncoderRecipe
from training.progress import Timed
from training.sentiment_data import NEGATIVE, NEUTRAL, POSITIVE, LabelledUtterance

ENCODER = WordEncoder()
ROWS = [(row.text, row.intent) for row in examples()]
STRANGE = [(f"purple zebra dances{n}", "oos") for n in range(4)]


def write_csv(file: Path, columns: list[str], rows: list[tuple[str, str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with BANKING77, its out-of-scope edition, HINT3 and CLINC150, all tiny."""
    for part in ("train", "test"):
        write_csv(tmp_path / f"banking77/{part}.csv", ["text", "category"], ROWS)
        write_csv(tmp_path / f"banking77-oos/{part}.csv", ["text", "label"], ROWS)
        rows = [*ROWS, ("what?", "NO_NODES_DETECTED")] if part == "test" else ROWS
        for bot in ("curekart", "powerplay11"):
            write_csv(tmp_path / f"hint3/v1_{bot}_{part}.csv", ["sentence", "label"], rows)
    for file in ("id_oos_test", "ood_oos_test"):
        write_csv(tmp_path / f"banking77-oos/{file}.csv", ["text", "label"], STRANGE)
    clinc = {"train": ROWS, "test": ROWS, "oos_test": STRANGE, "oos_train": STRANGE}
    (tmp_path / "clinc150").mkdir()
    (tmp_path / "clinc150/data_full.json").write_text(json.dumps(clinc))
    return tmp_path


def test_sets_are_run_as_published_and_absent_ones_are_told(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = list(run_intents(data, [EncoderRecipe("tiny", ENCODER)], Timed(), draws=True))

    counts = {run.set_name: run.scores.n for run in runs}
    assert counts == {
        "HINT3 Curekart": 37,
        "HINT3 Powerplay11": 37,
        "BANKING77-OOS near": 40,
        "BANKING77-OOS far": 40,
        "BANKING77": 36,
        "CLINC150": 40,
    }
    assert all(len(run.trials) == 1 for run in runs)
    assert all(run.section is not None for run in runs)
    assert "BANKING77 5-shot" in capsys.readouterr().err


def test_nothing_out_of_scope_is_trained_on(data: Path) -> None:
    for public in PUBLIC_INTENTS:
        parts = public.find(data)
        if parts is not None:
            assert {row.intent for row in parts.train} == set(WORDS)
            has_strangers = any(row.intent == OUT_OF_SCOPE for row in parts.test)
            assert has_strangers == (public.name != "BANKING77")


def test_a_set_that_is_not_as_published_is_refused(data: Path) -> None:
    (data / "clinc150/data_full.json").write_text("{}")
    (clinc,) = [one for one in PUBLIC_INTENTS if one.name == "CLINC150"]

    with pytest.raises(DatasetError, match="not as published"):
        clinc.find(data)


def test_retrieval_sets_are_read(tmp_path: Path) -> None:
    assert find_feedbackqa(tmp_path, "cdc") is None
    assert find_stackfaq(tmp_path) is None
    (tmp_path / "feedbackqa").mkdir()
    (tmp_path / "stackfaq").mkdir()
    passage = {
        "passage_id": 4,
        "page_title": "Masks",
        "section_headers": ["At home"],
        "section_content": "Wear one.\n",
    }
    gzipped = gzip.compress(json.dumps(passage).encode())
    (tmp_path / "feedbackqa/cdc_passages.jsonl.gz").write_bytes(gzipped)
    write_csv(
        tmp_path / "feedbackqa/cdc_test.csv", ["question", "passage_id"], [("Do I need one?", "4")]
    )
    (tmp_path / "stackfaq/stackExchange-FAQ.xml").write_text(
        "<root><qapair><rephr>strike it</rephr><rephr>*</rephr><question>Strike &lt;s&gt;</question>"
        "<answer>Use ~~</answer><answer>Use del</answer></qapair></root>"
    )

    cdc, faq = find_feedbackqa(tmp_path, "cdc"), find_stackfaq(tmp_path)

    assert cdc is not None
    assert faq is not None
    assert cdc.passages[0].text == "Masks. At home\nWear one."
    assert cdc.questions[0].relevant == {0}
    assert [passage.head for passage in faq.passages] == ["Strike <s>", "Strike <s>"]
    assert [(one.text, one.relevant) for one in faq.questions] == [("strike it", frozenset({0, 1}))]


def test_sentiment_sets_are_read_with_a_fixed_split(tmp_path: Path) -> None:
    assert find_sst2(tmp_path) is None
    assert find_airline_tweets(tmp_path) is None
    lines = ["airline_sentiment,text"]
    lines += [f"{'negative' if n % 2 else 'positive'},tweet number {n}" for n in range(200)]
    (tmp_path / "airline-tweets").mkdir()
    content = "\n".join([*lines, "negative,Tweet number 0!"]).encode()
    (tmp_path / "airline-tweets/Tweets.csv.gz").write_bytes(gzip.compress(content))

    tweets = find_airline_tweets(tmp_path)

    assert tweets is not None
    assert len(tweets.train) + len(tweets.test) == 200
    assert not {one.text for one in tweets.train} & {one.text for one in tweets.test}
    assert 15 <= len(tweets.test) <= 50


@pytest.mark.parametrize("kinds", [(NEGATIVE, POSITIVE), (NEGATIVE, NEUTRAL, POSITIVE)])
def test_the_plain_baseline_of_sentiment_knows_two_or_three_kinds(kinds: tuple[int, ...]) -> None:
    words = {NEGATIVE: "awful late", NEUTRAL: "where parcel", POSITIVE: "lovely thanks"}
    rows = tuple(LabelledUtterance(f"{words[k]} {n}", k) for k in kinds for n in range(6))

    scores = head_on(ENCODER, SentimentParts(rows, rows))

    assert scores.accuracy == 1.0
    assert scores.n == len(rows)


def test_a_passage_is_found_by_its_head_and_by_any_part_of_it() -> None:
    body = " ".join(["filler"] * 300 + ["needle"])
    passage = passage_of("1", f"What is it?\n{body}")

    pieces = passage.pieces()

    assert passage.head == "What is it?"
    assert all(piece.startswith("What is it?. ") for piece in pieces)
    assert "needle" in pieces[-1]
    assert passage_of("2", "First sentence. Second one.").head == "First sentence."
    assert passage_of("3", "one line").pieces() == ("one line. one line",)


@pytest.mark.parametrize(
    ("passages", "questions", "told"),
    [
        (
            '{"id": 1, "text": "a"}\n{"id": "1", "text": "b"}',
            "{}",
            r"p\.jsonl:2: the id '1' stands",
        ),
        ('{"id": null, "text": "a"}', "{}", r"p\.jsonl:1: the passage's id is missing"),
        (
            '{"id": 1, "text": "a"}',
            '{"text": "q", "passage_id": 2}',
            r"q\.jsonl:1: there is no passage '2'",
        ),
        (
            '{"id": 1, "text": "a"}\n{"id": 2, "text": ""}',
            '{"text": "q", "passage_id": 2}',
            r"q\.jsonl:1: there is no passage '2' with a text .* fill the text in",
        ),
        ('{"id": 1, "text": " "}', '{"text": "q", "passage_id": 1}', r"there is no passage '1'"),
        ('{"id": 1, "text": "a"}', '{"text": " ", "passage_id": 1}', "holds no questions"),
        ('{"id": 1, "text": "a"}', '{"text": "q", "passage_id": []}', r"q\.jsonl:1: .* missing"),
    ],
)
def test_bad_passages_are_refused(tmp_path: Path, passages: str, questions: str, told: str) -> None:
    (tmp_path / "p.jsonl").write_text(passages)
    (tmp_path / "q.jsonl").write_text(questions)

    with pytest.raises(DatasetError, match=told):
        read_passage_set(tmp_path / "p.jsonl", tmp_path / "q.jsonl")


def test_passages_and_questions_without_a_text_are_left_out_and_told(tmp_path: Path) -> None:
    passages, questions = tmp_path / "p.csv", tmp_path / "q.csv"
    passages.write_text("id,text\n1,one\n2,\n3,three\n")
    questions.write_text("text,passage_id\nwhich,3\n  ,1\n,1\n")

    found = read_passage_set(passages, questions)

    assert [one.passage_id for one in found.passages] == ["1", "3"]
    assert [(one.text, one.relevant) for one in found.questions] == [("which", frozenset({1}))]
    assert found.notes == (
        f"{passages}: 1 row has no text and is left out, such as line 3",
        f"{questions}: 2 rows have no text and are left out, such as line 3, 4",
    )


def test_every_promised_line_is_in_the_table_measured_or_not(data: Path, tmp_path: Path) -> None:
    recipes = [EncoderRecipe(SERVICE, ENCODER), EncoderRecipe("tiny", ENCODER)]
    runs = list(run_intents(data, recipes, Timed(), draws=False))
    searches = (WordSearch(), VectorSearch(ENCODER), HybridSearch(ENCODER))
    runs += run_searches(data, searches, Timed())

    file = tmp_path / "quality.md"
    figures = keep_figures(tmp_path / "quality.json", figures_of(runs))
    again = keep_figures(tmp_path / "quality.json", ())
    write_table(file, figures)

    promised, how = file.read_text("utf-8").split("## How it was measured")
    rows = [line for line in promised.splitlines() if line.startswith("| ")][2:]
    assert again == figures
    assert len(rows) == len(LINES)
    measured = {run.set_name for run in runs}
    for line, row in zip(LINES, rows, strict=True):
        name = f"{line.set_name}, tuned deeply" if line.is_deep else line.set_name
        assert row.startswith(f"| {name} | {line.score} | ")
        is_measured = line.set_name in measured and not line.is_deep
        assert (row.split("|")[3] == " not measured ") == (not is_measured)
        assert f"| {line.set_name} | " in how
    near = next(row for row in rows if row.startswith("| BANKING77-OOS near"))
    assert near.endswith("| not measured | see the set's README | +3 points on frozen |  |")
    banking = next(row for row in rows if row.startswith("| BANKING77 | in_scope"))
    assert banking.endswith("| 93.05 | 93.83 ConvBERT+; 94.4 best small | 94.5 | yes |")


def test_the_target_is_reached_by_what_ships_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "quality.md"
    score, day = "in_scope_accuracy", "2026-11-23"
    better = Figure("CLINC150", score, "another recipe", 0.98, seeds=5, n=5_500, day=day)

    write_table(file, [better])
    alone = file.read_text("utf-8")
    ours = Figure("CLINC150", score, SERVICE, 0.965, seeds=1, n=5_500, day="2026-11-24")
    write_table(file, [better, ours])
    both = file.read_text("utf-8")

    others = "98.0 (another recipe, mean of 5)"
    told = "95.3 | 96.5 BERT-base; 97.3 best single | 97.0"
    assert f"| CLINC150 | {score} | not measured | {others} | {told} |  |" in alone
    assert f"| CLINC150 | {score} | **96.5** | {others} | {told} | no |" in both
    assert "| 5,500 | another recipe: 5 | 2026-11-23 to 2026-11-24 |" in both


def test_what_is_tuned_deeply_has_a_line_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "quality.md"
    score, day = "in_scope_accuracy", "2026-11-23"
    instant = Figure("CLINC150", score, SERVICE, 0.965, seeds=1, n=5_500, day=day)
    deep = Figure("CLINC150", score, DEEP, 0.971, 5, n=5_500, day=day, spread=0.0012)

    write_table(file, [instant, deep])

    told = "95.3 | 96.5 BERT-base; 97.3 best single | 97.0"
    table = file.read_text("utf-8")
    assert f"| CLINC150 | {score} | **96.5** |  | {told} | no |" in table
    assert (
        f"| CLINC150, tuned deeply | {score} | **97.1** ± 0.1, mean of 5 |  | {told} | yes |"
        in table
    )


def test_kept_figures_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "quality.json").write_text("[{}]")

    with pytest.raises(TrainingError, match="remove it"):
        keep_figures(tmp_path / "quality.json", ())
