"""What is held out never comes out of the compositor, and what a scene says is what its picture shows."""

import itertools

import numpy as np
import pytest
import torch

from easel_train import backgrounds, scenes
from easel_train.autoencoder import Autoencoder, AutoencoderConfig
from easel_train.captions import LANGUAGE_SHARES, RELATION, Captioner, vocabulary
from easel_train.colours import ALIASES, PALETTE, colour_of
from easel_train.icons import LANGUAGES, listed_names
from easel_train.languages import LANGUAGES as OTHERS
from easel_train.scene_tokens import TokenPainter, encode
from easel_train.scenes import Composer

from .made_up import STYLES, world


@pytest.fixture(scope="module")
def drawn():
    objects, icons = world()
    composer = Composer(objects, icons, seed=1)
    return composer, [composer.scene() for _ in range(3000)]


def test_held_out_combinations_never_come_out(drawn):
    composer, seen = drawn
    names = [o.name for o in composer.objects]
    colours, pairs, counts, styles = set(), set(), set(), set()
    for scene in seen:
        for placed in scene.placed:
            styles.add((names[placed.object], placed.style))
            if placed.colour:
                colours.add((names[placed.object], placed.colour))
        if scene.kind == "pair":
            pairs.add((names[scene.placed[0].object], names[scene.placed[1].object]))
        if scene.kind == "count":
            counts.add((names[scene.placed[0].object], len(scene.placed)))
        assert not scenes.held_out_composition(composer.objects, scene)
    assert not [c for c in colours if scenes.held_out_colour(*c)]
    assert not [p for p in pairs if scenes.held_out_pair(*p)]
    assert not [c for c in counts if scenes.held_out_count(*c)]
    assert not [s for s in styles if scenes.held_out_style(*s)]
    # Nothing else is missing: of what may be shown, most was.
    allowed = [(n, s) for n, s in itertools.product(names, STYLES) if not scenes.held_out_style(n, s)]
    assert len(styles) > 0.9 * len(allowed)
    assert len({c for _, c in counts}) == 4
    assert len({c for _, c in colours}) == len(PALETTE)


def test_of_two_things_side_by_side_the_one_that_is_named_first_stands_left(drawn):
    _, seen = drawn
    pairs = [s for s in seen if s.relation in ("and", "next to")]
    assert len(pairs) > 100
    assert all(s.placed[0].x < s.placed[1].x and s.placed[0].y == s.placed[1].y for s in pairs)
    spoken = [RELATION["and"], RELATION["next to"], *(words.relations["and"] for words in OTHERS.values())]
    assert all(text.index("{a}") < text.index("{b}") for texts in spoken for text in texts)


def test_a_thing_fills_the_picture_unless_a_place_is_behind_it(drawn):
    _, seen = drawn
    singles = [s for s in seen if s.kind == "single"]
    at_places = [s for s in singles if s.background in backgrounds.PLACES]
    assert 0.05 < len(at_places) / len(singles) < 0.2
    for scene in singles:
        (placed,) = scene.placed
        expected = (32, 48, 64) if scene.background in backgrounds.PLACES else (0, 0, 128)
        assert (placed.x, placed.y, placed.size) == expected


def test_a_caption_never_names_a_held_out_colour_that_an_icon_has_by_nature(drawn):
    """A painted one does not come out; but the same thing may be so in another style."""
    composer, _ = drawn
    captioner, name = Captioner(composer.objects, seed=6), composer.objects[0].name
    held_out = [c for c in PALETTE if scenes.held_out_colour(name, c)]
    shown = [c for c in PALETTE if c not in held_out]
    for colours, least in ((held_out, 0), (shown, 20)):
        natural = [scenes.Scene("single", (scenes.Placed(0, "flat", None, 0, 0, 128),), natural=(c,)) for c in colours]
        captions = [captioner.caption(scene, "en") for scene in natural for _ in range(200)]
        said = [
            c
            for c in captions
            if any(word in c.split() for colour in colours for word in (colour, *ALIASES.get(colour, [])))
        ]
        assert bool(said) == bool(least and colours)
        assert len(said) >= least
    assert held_out, "the first object of the made-up world has no held-out colour: take another"


def test_the_held_out_shares_are_what_they_say():
    names = [f"object {n}" for n in range(200)]
    share = np.mean([scenes.held_out_colour(n, c) for n in names for c in PALETTE])
    pairs = np.mean([scenes.held_out_pair(a, b) for a, b in itertools.combinations(names[:80], 2)])
    counts = np.mean([scenes.held_out_count(n, c) for n in names for c in (2, 3, 4, 5)])
    assert share == pytest.approx(0.1, abs=0.02)
    assert pairs == pytest.approx(0.1, abs=0.02)
    assert counts == pytest.approx(0.1, abs=0.03)
    assert scenes.held_out_pair("a", "b") == scenes.held_out_pair("b", "a")
    assert not any(scenes.held_out_style(n, s) for n in names for s in ("flat", "fluent"))


def test_scenes_for_validation_are_those_that_training_never_gives():
    objects, icons = world()
    composer = Composer(objects, icons, seed=2, unseen=True)
    assert all(scenes.held_out_composition(objects, composer.scene()) for _ in range(10))


def test_a_painted_object_has_the_palette_colour_that_its_caption_names(drawn):
    composer, seen = drawn
    painted = [(s, p) for s in seen[:400] for p in s.placed if p.colour]
    assert len(painted) > 50
    for _, placed in painted:
        icon = composer.icons[placed.object, placed.style][64]
        assert colour_of(composer.painted(placed.object, placed.style, placed.colour, 64), icon) == placed.colour


def test_the_first_of_a_pair_stands_where_the_relation_says(drawn):
    composer, seen = drawn
    for scene in [s for s in seen if s.kind == "pair"][:300]:
        (a, b) = scene.placed
        apart = {"left of": b.x - a.x, "right of": a.x - b.x, "above": b.y - a.y, "below": a.y - b.y}
        if scene.relation in apart:
            assert apart[scene.relation] >= a.size
        elif scene.relation == "on":
            assert 0 < b.y - a.y < a.size


def test_captions_name_what_is_there_in_every_language(drawn):
    composer, seen = drawn
    captioner = Captioner(composer.objects, seed=3)
    assert set(LANGUAGE_SHARES) == set(LANGUAGES)
    for scene, language in itertools.product(seen[:150], LANGUAGES):
        caption = captioner.caption(scene, language)
        assert caption == caption.lower()
        for placed in scene.placed:
            name = composer.objects[placed.object].name if language == "en" else f"{language}{placed.object}"
            assert name in caption or caption.split()[-1] in {"things", *PALETTE} or "something" in caption, caption


def test_every_language_has_a_word_for_every_colour_place_and_style():
    for words in OTHERS.values():
        assert set(words.colours) == set(PALETTE)
        assert set(words.places) == set(backgrounds.PLACES)
        assert set(words.styles) == set(STYLES)
        assert set(words.relations) == set(scenes.RELATIONS)
    assert all(len(languages) <= 6 for languages in listed_names().values())


def test_the_vocabulary_lists_each_thing_once_with_its_names():
    objects, _ = world()
    made = vocabulary(objects, ["b", "a"])
    assert made["words"] == ["a", "b"]
    assert [o["name"] for o in made["objects"]] == [o.name for o in objects]
    assert "zh3" in made["objects"][3]["aliases"]


def test_codes_put_together_are_the_codes_of_the_painted_scene(drawn):
    composer, seen = drawn
    torch.manual_seed(2)
    config = AutoencoderConfig(encoder_width=16, decoder_widths=(8, 8, 8, 8), decoder_blocks=(1, 1, 1, 1))
    model = Autoencoder(config).eval()
    painter = TokenPainter(composer, model)
    alone = [s for s in seen if s.kind == "single"][:20]
    together = [s for s in seen if s.kind == "pair" and s.relation in ("left of", "above")][:20]
    for scene in alone:
        assert (painter.paint(scene) == encode(model, composer.paint(scene)[None])[0]).all()
    same = [painter.paint(s) == encode(model, composer.paint(s)[None])[0] for s in together]
    assert np.mean(same) > 0.9  # neighbours change only the codes between them


def test_a_larger_model_paints_the_same_scenes_with_more_pixels():
    small, large = Composer(*world(), seed=5), Composer(*world(scale=2), seed=5)
    config = AutoencoderConfig(256, encoder_width=16, decoder_widths=(8, 8, 8, 8), decoder_blocks=(1, 1, 1, 1))
    painter = TokenPainter(large, Autoencoder(config).eval())
    for _ in range(12):
        scene = small.scene()
        picture = large.paint(scene)
        assert picture.shape == (256, 256, 4)
        halved = picture.reshape(128, 2, 128, 2, 4).mean((1, 3))
        assert np.abs(halved - small.paint(scene)).mean() < 4
        assert painter.paint(scene).shape == (16, 16)
