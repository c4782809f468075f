"""What short answers mean, read from the words themselves: yes, no, leave it, I don't know.

A model may be wrong about three letters; a change to a customer's order may not hang on that. So the answers that
steer a running dialogue are read here, word by word, and the model's opinion only comes second.
"""

import re
from typing import Final

_WORD: Final = re.compile(r"[\w'’-]+|👍|👎|👌|🆗|✅|✔|☑|❌|✖|🚫")


def bag_of(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


_YES_CORE: Final = bag_of(
    "yes yep yeah yup yea yess yesss ye yeh aye y k ok okay okey sure correct right exactly absolutely "
    "alright definitely indeed confirm confirmed certainly proceed agreed perfect fine true ja oui si "
    "👍 👌 🆗 ✅ ✔ ☑"
)
_YES_PHRASE: Final = re.compile(
    r"\b(?:go ahead|go for it|do it|do that|do so|please do|carry on|sounds (?:good|right|fine|great)|"
    r"looks (?:good|right|fine)|all (?:good|correct|right)|that works|works for me|why not|spot on|of course|"
    r"let's do (?:it|that|this)|go on|if you would|make it so|by all means)\b"
)
_NO_PROBLEM: Final = re.compile(r"\b(?:no (?:problem|worries)|not a problem)\b")
_YES_FILLERS: Final = bag_of(
    "please to do it that that's thats this is the one go ahead for on with me by i i'm im am all good great "
    "sounds looks works very much so thanks thank you and then just oh well alright let's lets carry of course "
    "why not would if you sure make happy now cheers mate that'll nicely it's its quite too again as "
    "said already my mine order address both everything thing continue may means x xx bitte danke merci "
    "por favor gracias lol haha cool nice brilliant lovely wicked"
)
_NO_CORE: Final = bag_of(
    "no nope nah nay n noo nooo don't dont not never negative wrong incorrect neither none nein non 👎 ❌ ✖ 🚫"
)
_NO_FILLERS: Final = bag_of(
    "please thanks thank you do it that that's thats this is the one i i'm i'd id rather really now yet way "
    "at all of it's its oh well sorry absolutely certainly go ahead quite want to them these those right "
    "correct so think afraid hold on wait stop leave keep as isn't mine my what meant mean "
    "said for me today any more anymore"
)
_HESITANT: Final = re.compile(
    r"\b(?:but|not|don't|dont|no|nope|wait|unsure|unless|except|however|instead|hold on|hang on|first|before|"
    r"maybe|perhaps|only if|if|hm+|never|stop|cancel|change|other|another|different|wrong)\b|\?"
)
_FILLED: Final = r"(?:(?:oh|ah|ok|okay|no|actually|please|sorry|just|then|well|hmm+|wait|now|so|and|let's|lets|you can)[ ,.!]+)*"
_AGREED: Final = r"(?:(?:yes|yeah|yep)[ ,.!]+)*"
_END: Final = r"(?:[ ,.!]+(?:then|please|now|thanks|thank you|for now|sorry|mate|about it|instead|after all))*[ ,.!]*"
_KEEPS: Final = re.compile(
    r"\b(?<!not )keep (?:it|them|that|those|both|everything|the \w+|my \w+)\b"
)
_OBJECT: Final = r" (?:it|them|everything|all(?: of (?:it|them))?|this|the order|my order|my data)"
_SHORT_WORDS: Final = 7
_REFUSAL_WORDS: Final = 14
_LEAVE: Final = re.compile(
    rf"{_FILLED}(?:never ?mind|nvm|nm|forget (?:it|that|about (?:it|that)|the whole thing)|leave (?:it|that)|"
    r"drop (?:it|that|this)|scrap (?:it|that|this)|stop(?: (?:it|this|that|here))?|quit(?: this)?|exit|abort|"
    r"start (?:over|again)|don't bother|dont bother|doesn't matter|it doesn't matter|ignore (?:it|that|me)|"
    rf"not now|another time|main menu|go back|do nothing|no need){_END}"
)
_LEAVES_FIRST: Final = re.compile(
    rf"{_FILLED}(?:never ?mind|nvm|nm|forget (?:it|about it|the whole thing)|don't bother|dont bother)"
    r"\s*[,.;!:-]+ .+"
)
_CANCEL: Final = re.compile(
    rf"{_FILLED}cancel(?: (?:it|that|this|everything|the whole thing))?{_END}"
)
_REFUSAL: Final = re.compile(
    r"\b(?:(?:i )?(?:really )?(?:do not|don't|dont|didn't) (?:know|remember|have|recall|want to (?:say|tell|give|share))"
    r"|dunno|no idea|no clue|not sure|unsure|rather not|prefer not|can't (?:find|remember|say|tell|see)|"
    r"cannot (?:find|remember|say|tell|see)|cant (?:find|remember)|haven't got|havent got|lost (?:it|the|my)|"
    r"skip(?: (?:it|this|that))?|not telling|none of your business|no comment|forgot(?:ten)?|"
    r"nothing(?: (?:else|more|special|to add))?|why do you (?:need|want))\b"
)
_NONE: Final = re.compile(
    rf"{_FILLED}(?:none(?: of (?:these|those|them|the above))?|neither(?: of (?:these|those|them))?|"
    rf"something else|anything else|other|no|nope|nah|not (?:these|those|that|this)){_END}"
)
_PERSON: Final = re.compile(
    rf"{_FILLED}(?:(?:i (?:need|want|would like)|i'd like|give me|get me|can i have) )?"
    rf"(?:(?:a |an |real |live |human )*(?:human|person|agent|representative|operator|advisor|adviser|colleague)"
    rf"(?: being)?){_END}"
    r"|.*\b(?:talk|speak|chat|connect me|transfer me|put me (?:through|on)|pass me|hand me over|get me)\b"
    r"(?: \w+){0,4} (?:human|person|agent|representative|operator|advisor|adviser|colleague|human being|"
    r"someone real|real (?:someone|people))\b.*"
)
_QUESTION: Final = re.compile(
    r"(?:(?:and|but|so|also|ok|okay|wait|sorry|hang on|hold on|by the way|btw|h+m+|er+m*|um+|oh|well|yes|yeah|no|nah)[ ,.]+)*"
    r"(?:(?:what|how|when|where|why|which|who|whose|can|could|do|does|did|is|are|will|would|may|should|"
    r"have|has|am)\b|if (?:i|we|you|it|they) .*\b(?:do|does|will|would|can|could|is|are|am) (?:i|we|you|it|they|the|my)\b)"
)
_OTHER: Final = r"\b(?:other|another|different|wrong|not that|not this|not the right|new|change (?:the|that|my))"
_MARKERS: Final = re.compile(
    r"(?:no[ ,]+|oh[ ,]+|wait[ ,]+|sorry[ ,]+|ok[ ,]+)*(?:actually|instead|rather|forget|i'd rather|i would rather)\b"
)
_GOES_ON: Final = re.compile(
    r"(?:(?:ok|okay|oh|ah|so|cool|great|right|thanks|thx)[ ,.!]+)*(?:and|or|what about|how about|what if|but)\b"
)
_POINTS_BACK: Final = re.compile(
    r"\b(?:they|them|those|these|that|tho|though)\b|\b(?:is|does|will) it(?: \w+){1,2}\W*$|\bit\W*$"
    r"|^how (?:much|many|long)\W*$"
)
_REQUEST: Final = re.compile(
    r"(?:(?:and|so|ok|okay|please)[ ,]+)*(?:can|could|would|will) (?:you|u)(?: please| just| pls)? "
    r"(?:do|make|cancel|send|start|go|sort|carry|change|delete|get)\b"
)
_STANDS_FOR: Final = re.compile(
    r"\b(?:they|them|those|these|he|she|hes|shes|he's|she's|him|her|his)\b"
    r"|\b(?:for|of|with|will|does|is|has|did) that\b"
    r"|(?<!\bis )(?<!\bwas )\bit\b(?! (?:possible|says|said|ok|okay|true|takes?|depends?))"
)
_CORRECTS: Final = re.compile(
    r"\b(?:i meant|meant|i mean|oops|whoops|typo|mistyped|should (?:be|say|read|have been)|my mistake|wrong)\b"
)
_PRONOUN_FIRST: Final = re.compile(
    r"(?:(?:and|but|so|ok|okay|well|oh|now|still)[ ,]+)*(?:it|it's|its|they|they're|that|this|he|she)\b"
)
_FRAGMENT: Final = re.compile(r"(?:without|with|even|for|from|in|on|at|to|by|only)\b")
_FRAGMENT_WORDS: Final = 5
_FOLLOW_UP_WORDS: Final = 8
_FILLERS: Final = bag_of(
    "it it's its is the a an my i i'm i've meant mean actually sorry please order orders number no nr num one "
    "ones for think that that's thats this yes yeah yep ok okay sure so well oh ah hi hello here you go was of "
    "and to not rather but instead correction wait should be product item it'd would'd like want would with "
    "other another from in on there your by thanks thank you ehm hmm um er make use take try called "
    "code reference ref only just right wrong typo"
)
_ANSWERING: Final = bag_of("new address send deliver goes go live at postcode town street")
_FOLLOW_UP: Final = bag_of(
    "what about how and or too also now same again then with what's see show me"
)


def plain(text: str) -> str:
    """Return a text in lower case, with straight apostrophes and single spaces."""
    return " ".join(text.replace("’", "'").lower().split())


def words(text: str) -> tuple[str, ...]:
    """Return a text's words in lower case; the thumbs count as words."""
    return tuple(_WORD.findall(plain(text)))


def _names_task(text: str, verb: str) -> bool:
    """Tell whether a text only repeats the task that was asked about: "cancel it, please"."""
    return (
        bool(verb)
        and re.fullmatch(_AGREED + _FILLED + re.escape(verb) + _OBJECT + _END, plain(text))
        is not None
    )


def _without_courtesy(text: str) -> str:
    """Return a text, plain, without the noes that only are polite."""
    return _NO_PROBLEM.sub(" ", plain(text))


def is_yes(text: str, verb: str = "") -> bool:
    """Tell whether a text says yes and nothing else; ``verb`` is what was asked ("cancel": "cancel it")."""
    asked = _without_courtesy(text)
    said = words(asked)
    if not said or "?" in text:
        return False
    if _names_task(asked, verb):
        return not any(word in _NO_CORE for word in said)
    rest = _YES_PHRASE.sub(" ", asked)
    known = _YES_CORE | _YES_FILLERS | {verb}
    is_negated = re.search(r"\b(?:not|never)\b", rest) is not None
    has_core = any(word in _YES_CORE for word in said) or rest != asked
    return has_core and not is_negated and all(word in known for word in words(rest))


def is_no(text: str, verb: str = "") -> bool:
    """Tell whether a text says no and nothing else; ``verb`` is what was asked ("cancel": "don't cancel it")."""
    said = words(text)
    if re.search(rf"\b(?:don't|do not|dont|not) (?:\w+ )?{re.escape(verb or 'do')}\b", plain(text)):
        return len(said) <= _SHORT_WORDS
    if verb in {"cancel", "return"} and _KEEPS.search(plain(text)) and "?" not in text:
        return len(said) <= _SHORT_WORDS
    known = _NO_CORE | _NO_FILLERS | (frozenset() if verb == "cancel" else {"cancel"})
    is_saying_no = any(word in _NO_CORE for word in said) and all(word in known for word in said)
    return is_saying_no or ("rather not" in plain(text) and len(said) <= _SHORT_WORDS)


def is_hesitant(text: str) -> bool:
    """Tell whether a text holds a but, an if, a not or a question: then no model's yes counts."""
    return _HESITANT.search(_without_courtesy(text)) is not None


def is_leave(text: str, verb: str = "") -> bool:
    """Tell whether a text says to drop the matter; ``verb`` is the task's ("cancel it" cancels the order)."""
    said = plain(text)
    if _names_task(text, verb) or (verb == "cancel" and _CANCEL.fullmatch(said)):
        return False
    return _LEAVE.fullmatch(said) is not None or _CANCEL.fullmatch(said) is not None


def is_taking_back(text: str) -> bool:
    """Tell whether a no is meant for the whole matter: "actually no, don't"; not "no", nor "not that one"."""
    taken_back = re.search(r"\b(?:don't|dont|do not|no thanks|no thank you|stop)\b", plain(text))
    return taken_back is not None and not is_refusal(text) and len(words(text)) <= _SHORT_WORDS


def opens_with_leave(text: str) -> bool:
    """Tell whether a text begins by dropping the matter, and says why: "never mind, I've found it"."""
    return _LEAVES_FIRST.fullmatch(plain(text)) is not None and not plain(text).endswith("?")


def follows_up(text: str) -> bool:
    """Tell whether a few words lean on what was said before: "and for Belgium?", "what are they worth"."""
    leans = goes_on(text) or points_back(text) or is_fragment(text)
    return leans and len(words(text)) <= _FOLLOW_UP_WORDS


def goes_on(text: str) -> bool:
    """Tell whether a text begins by carrying on: "and the status now?"."""
    return _GOES_ON.match(plain(text)) is not None


def points_back(text: str) -> bool:
    """Tell whether a word of a text stands for something named before: "when do they expire"."""
    return _POINTS_BACK.search(plain(text)) is not None


def stands_for_something(text: str) -> bool:
    """Tell whether a few words hold a pronoun, and so say less than they mean: "can he use it in a shop"."""
    is_short = len(words(text)) <= _FOLLOW_UP_WORDS + 1
    return is_short and _STANDS_FOR.search(plain(text)) is not None


def opens_with_pronoun(text: str) -> bool:
    """Tell whether a text speaks of something named before: "it says expired"."""
    return _PRONOUN_FIRST.match(plain(text)) is not None


def corrects(text: str) -> bool:
    """Tell whether a text says that something given before is not right: "oops, meant number 11"."""
    return _CORRECTS.search(plain(text)) is not None and not is_question(text)


def is_fragment(text: str) -> bool:
    """Tell whether a text is a piece of a sentence that was begun before: "without the receipt?"."""
    return _FRAGMENT.match(plain(text)) is not None and len(words(text)) <= _FRAGMENT_WORDS


def is_enquiry(text: str) -> bool:
    """Tell whether a question wants to know something, rather than have it done ("can you cancel it?")."""
    return is_question(text) and _REQUEST.match(plain(text)) is None


def is_refusal(text: str) -> bool:
    """Tell whether a text says that a value is not known or not given away."""
    return _REFUSAL.search(plain(text)) is not None and len(words(text)) <= _REFUSAL_WORDS


def is_none_of_these(text: str) -> bool:
    """Tell whether a text turns down everything that was offered."""
    return _NONE.fullmatch(plain(text)) is not None


def asks_for_person(text: str) -> bool:
    """Tell whether a text plainly asks for a person."""
    said = plain(text)
    if re.search(r"\b(?:not|don't|dont|without|never)\b", said):
        return False
    return _PERSON.fullmatch(said) is not None


def is_question(text: str) -> bool:
    """Tell whether a text is put as a question."""
    said = plain(text)
    return said.endswith("?") or _QUESTION.match(said) is not None


def wants_other(text: str, nouns: tuple[str, ...]) -> bool:
    """Tell whether a text asks for another one of these nouns: "the other order", "wrong address"."""
    alternatives = "|".join(re.escape(noun) for noun in nouns)
    return re.search(rf"{_OTHER} (?:\w+ )?(?:{alternatives})\b", plain(text)) is not None


def turns_away(text: str) -> bool:
    """Tell whether a text opens by turning to something else ("actually …")."""
    return _MARKERS.match(plain(text)) is not None


def is_bare(text: str, *, follows_up: bool = False) -> bool:
    """Tell whether nothing but filler words is left of a text; its values were taken out before.

    Args:
        text: The text without the values that were found in it.
        follows_up: Words that carry on the last subject ("what about …") are fillers too.
    """
    fillers = _FILLERS | (_FOLLOW_UP if follows_up else _ANSWERING)
    return all(word in fillers for word in words(text))
