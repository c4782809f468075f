"""Turns what was measured into sections of the report: large numbers, pictures, tables."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from training.evaluation.charts import (
    Axes,
    Line,
    confusion_chart,
    line_chart,
    reliability_chart,
)
from training.evaluation.cross_validation import CrossValidation, Learned
from training.evaluation.curves import out_of_scope_roc, reliability, risk_coverage
from training.evaluation.findings import (
    Doubled,
    Mislabelled,
    most_confused,
    per_intent,
    thin,
)
from training.evaluation.page import Figure, Provenance, Section, Tile
from training.evaluation.predictions import Predictions
from training.evaluation.scores import Scores, score_intents
from training.report import Table

_SHOWN_PAIRS: Final = 25
_SHOWN_FINDINGS: Final = 500
_MEANINGS: Final = {
    "accuracy": ("accuracy", "answered right"),
    "in_scope_accuracy": ("in-scope accuracy", "most probable intent right, of those in scope"),
    "macro_f1": ("macro-F1", "mean of the classes' F1"),
    "oos_auroc": ("out-of-scope AUROC", "chance that a stranger looks stranger"),
    "oos_recall_at_95": ("out-of-scope recall", "refused where 95 % in scope are kept"),
    "ece": ("calibration error", "how far confidence is from truth, on average"),
    "recall@1": ("recall@1", "a right passage comes first"),
    "recall@5": ("recall@5", "a right passage among five"),
    "mrr@10": ("MRR@10", "mean of 1 / place of the first right one"),
    "ndcg@10": ("nDCG@10", "how well the first ten are ordered"),
}
_WITH_STRANGERS: Final = ("accuracy", "answered right, out of scope among the answers")


def tiles_of(scores: Scores) -> tuple[Tile, ...]:
    """Return the scores in large type."""
    meanings = _MEANINGS if scores.oos_auroc is None else {**_MEANINGS, "accuracy": _WITH_STRANGERS}
    shown = [
        Tile(number(name, value), *meanings[name])
        for name, value in scores.as_json().items()
        if name in meanings
    ]
    return (*shown, Tile(f"{scores.n:,}", "measured", "how many were asked"))


def number(name: str, value: float) -> str:
    """Write a score as people read it: areas and errors as they are, shares in per cent."""
    plain = name in ("oos_auroc", "ece", "mrr@10", "ndcg@10")
    return f"{value:.3f}" if plain else f"{100 * value:.1f} %"


def intent_section(
    title: str,
    lead: str,
    predictions: Predictions,
    provenance: Provenance,
    *,
    learning: Sequence[Learned] = (),
    notes: Sequence[str] = (),
) -> Section:
    """Return a section about intents."""
    pairs = most_confused(predictions)[:_SHOWN_PAIRS]
    tables = (
        Table(
            "Most confused",
            ("intent", "taken for", "times", "such as"),
            tuple((p.intent, p.mistaken_for, str(p.count), " · ".join(p.texts)) for p in pairs),
        ),
        Table(
            "Every intent, the weakest first",
            ("intent", "precision", "recall", "F1", "support"),
            tuple(
                (
                    line.name,
                    f"{line.score.precision:.2f}",
                    f"{line.score.recall:.2f}",
                    f"{line.score.f1:.2f}",
                    str(line.score.examples),
                )
                for line in per_intent(predictions)
            ),
        ),
    )
    figures = _figures(predictions, learning, provenance.caption)
    tiles = tiles_of(score_intents(predictions))
    return Section(title, lead, tiles, figures, tables, (*notes, provenance.caption))


def findings_section(
    found: CrossValidation,
    suspects: Sequence[Mislabelled],
    pairs: Sequence[Doubled],
    provenance: Provenance,
) -> Section:
    """Return a section about what a person should look at."""
    tables = (
        Table(
            "Examples that look mislabelled",
            ("example", "stands under", "looks like", "probability of its own", "of the other"),
            tuple(
                (
                    one.row.text,
                    one.row.intent,
                    one.likely,
                    f"{one.probability:.2f}",
                    f"{one.likely_probability:.2f}",
                )
                for one in suspects[:_SHOWN_FINDINGS]
            ),
        ),
        Table(
            "Examples that say the same",
            ("example", "intent", "other example", "its intent", "likeness"),
            tuple(
                (
                    pair.first.text,
                    pair.first.intent,
                    pair.second.text,
                    pair.second.intent if pair.is_across else "the same",
                    f"{pair.likeness:.3f}",
                )
                for pair in pairs[:_SHOWN_FINDINGS]
            ),
        ),
        Table(
            "Intents with too few examples",
            ("intent", "examples"),
            tuple((name, str(count)) for name, count in thin(found.rows)),
        ),
    )
    across = sum(pair.is_across for pair in pairs)
    return Section(
        "What to look at",
        "Every line is a question to a person, not a verdict: an example may be rare and right.",
        (
            Tile(str(len(suspects)), "look mislabelled", "another intent is likelier, held out"),
            Tile(str(across), "doubled across intents", "the same words teach two things"),
            Tile(str(len(pairs) - across), "doubled within", "they add little"),
            Tile(str(len(thin(found.rows))), "thin intents", "fewer than 8 examples"),
        ),
        tables=tables,
        notes=(
            *(
                f"Intent {name!r} has one example: it is learnt from, but cannot be measured."
                for name in found.left_out
            ),
            provenance.caption,
        ),
    )


def _figures(
    predictions: Predictions, learning: Sequence[Learned], caption: str
) -> tuple[Figure, ...]:
    inside = predictions.is_in_scope
    found = []
    if inside.any():
        bins = reliability(predictions.confidences[inside], predictions.is_right[inside])
        found.append(
            Figure(
                "Reliability",
                "On the dashed line, an intent with 80 % confidence is right 80 times in 100. Wide bars hold many.",
                reliability_chart(bins),
                caption,
            )
        )
        found.append(risk_figure(predictions, caption))
    if inside.any() and not inside.all():
        found.append(
            Figure(
                "Out of scope",
                "How many strangers are refused (up) for a share of good messages refused by mistake (across).",
                line_chart(
                    Axes("in scope, refused by mistake", "out of scope, refused"),
                    [Line("", out_of_scope_roc(predictions))],
                    reference=((0.0, 0.0), (1.0, 1.0)),
                ),
                caption,
            )
        )
    if learning:
        found.append(_learning_figure(learning, caption))
    pairs = most_confused(predictions)
    if pairs:
        both = zip(predictions.truths, predictions.said, strict=True)
        right = Counter(truth for truth, said in both if truth == said)
        found.append(
            Figure(
                "The worst pairs",
                "Right intents down, what was said across; green counts what was right.",
                confusion_chart(pairs, right),
                caption,
                is_broad=True,
            )
        )
    return tuple(found)


def risk_figure(predictions: Predictions, caption: str, *, of: str = "messages") -> Figure:
    """Draw how many answers are wrong where only the surest are given."""
    return Figure(
        "Risk and coverage",
        f"Answer only the surest share of the {of} (across), and this many answers are wrong (up).",
        _risk_chart(predictions, of),
        caption,
    )


def _risk_chart(predictions: Predictions, of: str) -> str:
    points = risk_coverage(predictions)
    highest = max(0.05, *(risk for _, risk in points[len(points) // 20 :]))
    top = min(1.0, -(-highest * 20 // 1) / 20)
    clipped = tuple((x, min(y, top)) for x, y in points)
    axes = Axes(f"share of {of} answered", "of these, wrong", y_range=(0.0, top))
    return line_chart(axes, [Line("", clipped)])


def _learning_figure(learning: Sequence[Learned], caption: str) -> Figure:
    points = tuple((one.examples, one.accuracy) for one in learning)
    low = max(0.0, (min(y for _, y in points) * 10 // 1 - 1) / 10)
    axes = Axes(
        "examples per intent (mean)",
        "in-scope accuracy",
        x_range=(0.0, max(x for x, _ in points)),
        y_range=(low, 1.0),
        x_is_share=False,
    )
    return Figure(
        "Learning curve",
        "Accuracy on held-out messages after more and more examples; flat at the end means that more of the same help little.",
        line_chart(axes, [Line("", points)]),
        caption,
    )
