"""Entities in examples, in all the ways Rasa writes them."""

import pytest

from intents.catalogue_entities import ExampleEntity, parse_annotated


@pytest.mark.parametrize(
    ("annotated", "plain", "entity"),
    [
        ("my [boots](product) leak", "my boots leak", ExampleEntity("product", "boots", 3, 8)),
        ("[wellies](product:boots)", "wellies", ExampleEntity("product", "boots", 0, 7)),
        (
            'send [them]{"entity": "product", "role": "returned", "group": "1", "value": "boots"} back',
            "send them back",
            ExampleEntity("product", "boots", 5, 9, role="returned", group="1"),
        ),
    ],
)
def test_an_entity_is_read(annotated: str, plain: str, entity: ExampleEntity) -> None:
    assert parse_annotated(annotated) == (plain, (entity,))


def test_several_entities_keep_their_places() -> None:
    plain, entities = parse_annotated(
        'from [Leeds](city) to [York]{"entity": "city", "role": "to"} on [Friday](date)'
    )

    assert plain == "from Leeds to York on Friday"
    assert [plain[one.start : one.end] for one in entities] == ["Leeds", "York", "Friday"]


def test_one_text_may_be_several_entities() -> None:
    _, entities = parse_annotated(
        '[Leeds][{"entity": "city"}, {"entity": "store", "value": "leeds-1"}] please'
    )

    assert [(one.entity, one.value) for one in entities] == [
        ("city", "Leeds"),
        ("store", "leeds-1"),
    ]


@pytest.mark.parametrize(
    "text", ["plain", "a [bracket] alone", "f(x) = y", "{curly}", "is it ok (really)?", ""]
)
def test_what_is_no_annotation_stays_as_it_is(text: str) -> None:
    assert parse_annotated(text) == (text, ())


@pytest.mark.parametrize(
    ("annotated", "told"),
    [
        ("my [boots](product", "cannot be read"),
        ("my [boots] (product)", "cannot be read"),
        ("my [boots]()", "cannot be read"),
        ('[boots]{"entity": product}', "no JSON"),
        ('[boots]{"role": "x"}', "names no entity"),
        ('[boots]{"entity": "product", "rôle": "x"}', "unknown key"),
    ],
)
def test_a_broken_annotation_is_refused_with_a_remedy(annotated: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_annotated(annotated)
