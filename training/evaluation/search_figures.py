"""The pictures of a search: what is found among the first passages, and how sure it may be of the first."""

from collections.abc import Mapping
from typing import Final

from training.evaluation.charts import Axes, Line, line_chart, reliability_chart
from training.evaluation.curves import reliability
from training.evaluation.page import Figure
from training.evaluation.passage_search import Searched

_FEWEST: Final = 2


def search_figures(found: Mapping[str, Searched], caption: str) -> tuple[Figure, ...]:
    """Draw the searches that are compared, by name, and how sure the last one may be.

    Args:
        found: What each reached, ours last.
        caption: Where the numbers come from.
    """
    ours = list(found.values())[-1]
    figures = []
    if len(ours.recalls) >= _FEWEST:
        figures.append(
            Figure(
                "Found among the first",
                "For how many questions (up) a right passage is among the first so many (across).",
                _recall_chart(found, len(ours.recalls)),
                caption,
            )
        )
    if ours.sureness is not None:
        figures.append(
            Figure(
                "Reliability",
                "On the dashed line, a first passage with a probability of 80 % answers 80 times in 100. Wide bars hold many.",
                reliability_chart(reliability(ours.sureness, ours.is_right), of="questions"),
                caption,
            )
        )
    return tuple(figures)


def _recall_chart(found: Mapping[str, Searched], depth: int) -> str:
    axes = Axes(
        "passages looked at",
        "questions answered",
        x_range=(1.0, float(depth)),
        x_is_share=False,
    )
    lines = [
        Line(name, tuple(enumerate(one.recalls, start=1)))
        for name, one in reversed(list(found.items()))
    ]
    return line_chart(axes, lines)
