"""Whether a message is angry: a model's probability *and* words that people use when they are."""

import re
from dataclasses import dataclass
from typing import Final

from bot.dialogue.playbook import Thresholds
from bot.domain.understanding import Understanding

_SWEARING: Final = re.compile(
    r"\b(?:damn(?:ed)?|bloody|(?:what|why|who|where|how) the hell|go to hell|crap|bullshit|shit(?:ty|e)?|fuck\w*|f\*+\w*|wtf|ffs|arse|ass(?:hole)?s?|"
    r"bastards?|bollocks|idiots?|morons?|piss(?:ed|ing)?|sod off|screw you|scam(?:mers?)?|"
    r"thieves|crooks?|cowboys|shambles|con artists?)\b",
    re.IGNORECASE,
)
_ANGRY: Final = re.compile(
    r"\b(?:angry|furious|fuming|livid|outrage(?:d|ous)|disgust(?:ed|ing)|ridiculous|unacceptable|appalling|"
    r"disgrace(?:ful)?|pathetic|useless|terrible|awful|horrible|horrendous|worst|(?:is|what|such|total|complete|absolute|utter|sick|bad) (?:a |this )?(?:\w+ )?joke|rubbish|hopeless|"
    r"sick (?:of|and tired)|fed up|had enough|enough is enough|last straw|never again|never (?:order|buy|shop)\w*|"
    r"lied|lying|liars?|rip[- ]?off|waste of (?:time|money)|incompetent|how dare|what the|"
    r"nobody (?:cares|answers|replies|helps)|no one (?:cares|answers|replies|helps))\b",
    re.IGNORECASE,
)
_THREAT: Final = re.compile(
    r"\b(?:lawyers?|solicitors?|sue|suing|court|legal action|trading standards|ombudsman|chargeback|"
    r"police|watchdog|report you|press charges|trustpilot|newspapers?|citizens advice)\b",
    re.IGNORECASE,
)
_SHOUTING_LETTERS: Final = 8
_SHOUTING_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Mood:
    """How angry a message is; ``strength`` is the probability that it is negative."""

    strength: float
    is_angry: bool
    is_strongly_angry: bool


def read_mood(understanding: Understanding, thresholds: Thresholds) -> Mood:
    """Read a message's mood.

    "My tent is broken" is negative but not angry: the probability alone never counts, heated words, capitals or
    exclamation marks must come with it.
    """
    text = understanding.utterance
    strength = understanding.sentiment.negative
    if understanding.chosen_intent is not None:
        return Mood(strength, is_angry=False, is_strongly_angry=False)
    is_foul = _SWEARING.search(text) is not None or _THREAT.search(text) is not None
    is_heated = is_foul or _ANGRY.search(text) is not None or "!!" in text or _is_shouting(text)
    return Mood(
        strength,
        is_angry=is_heated and strength >= thresholds.anger,
        is_strongly_angry=is_foul and strength >= thresholds.strong_anger,
    )


def _is_shouting(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return len(letters) >= _SHOUTING_LETTERS and capitals / len(letters) >= _SHOUTING_SHARE
