"""Captions of a scene, in English and seven other languages (languages.py): many ways to say the same, each true."""

from collections import Counter

import numpy as np

from . import backgrounds, colours
from .icons import DEFAULT_STYLE, LANGUAGES, DrawnObject
from .languages import LANGUAGES as OTHERS
from .languages import Language
from .scenes import Placed, Scene, held_out_colour

STYLE_WORDS = {
    "flat": ["flat", "simple"],
    "fluent": ["fluent", "soft", "glossy"],
    "3d": ["3d", "three-dimensional"],
    "twemoji": ["twemoji", "twitter"],
    "noto": ["noto", "google"],
    "emojione": ["emojione"],
}
LANGUAGE_SHARES = {"en": 0.75, "zh": 0.13, "es": 0.02, "fr": 0.02, "de": 0.02, "ja": 0.02, "pt": 0.02, "ko": 0.02}
LANGUAGE_NAMES = {"en": "English", "zh": "Chinese", "es": "Spanish", "fr": "French", "de": "German", "ja": "Japanese",
                  "pt": "Portuguese", "ko": "Korean"}  # fmt: skip
TAG_OWNERS_MAX = 2  # a search word of more things than that names none of them
NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}
UNCOUNTED = {  # no article, no plural
    "popcorn", "bacon", "noodles", "salad", "bread", "money", "jeans", "glasses", "sunglasses", "socks", "gloves", "scissors",
    "headphones", "french fries", "pancakes", "peanuts", "grapes", "cherries", "blueberries", "books", "spaghetti", "sushi", "rain",
    "fire", "honey", "milk", "beer", "corn", "garlic", "broccoli", "cheese", "chocolate", "meat", "yarn", "soap", "sparkles", "poo",
    "fireworks", "autumn leaves", "camping", "lightning", "crossed swords", "hundred",
}  # fmt: skip
IRREGULAR = {"mouse": "mice", "goose": "geese", "sheep": "sheep", "fish": "fish", "deer": "deer", "squid": "squid", "wolf": "wolves",
             "knife": "knives", "leaf": "leaves", "bison": "bison", "tropical fish": "tropical fish", "shrimp": "shrimp"}  # fmt: skip
SINGLE = ("{x}", "{x}", "{x}", "a picture of {x}", "an emoji of {x}", "a drawing of {x}", "draw {x}", "{bare}", "{bare}", "{bare} emoji",
          "{bare} icon", "a sticker of {x}", "there is {x}", "one {bare}")  # fmt: skip
RELATION = {
    "and": ("{a} and {b}", "{a} and {b}", "{a} with {b}", "{a}, {b}", "{a} together with {b}", "both {a} and {b}"),
    "next to": ("{a} next to {b}", "{a} beside {b}", "{a} near {b}", "{a} close to {b}", "{a} by {b}"),
    "left of": ("{a} to the left of {b}", "{a} left of {b}", "{a} on the left of {b}", "{b} to the right of {a}", "{a} on the left, {b} on the right",
                "on the left {a}, on the right {b}"),
    "right of": ("{a} to the right of {b}", "{a} right of {b}", "{a} on the right of {b}", "{b} to the left of {a}", "{b} on the left, {a} on the right",
                 "on the right {a}, on the left {b}"),
    "above": ("{a} above {b}", "{a} over {b}", "{b} below {a}", "{b} under {a}", "{a} at the top, {b} at the bottom", "{b} beneath {a}"),
    "below": ("{a} below {b}", "{a} under {b}", "{a} beneath {b}", "{b} above {a}", "{b} over {a}", "{b} at the top, {a} at the bottom"),
    "on": ("{a} on {b}", "{a} on top of {b}", "{a} sitting on {b}", "{a} standing on {b}", "{b} with {a} on top"),
}  # fmt: skip


def plural(name: str) -> str:
    head, _, last = name.rpartition(" ")
    if name in UNCOUNTED:
        return name
    if " of " in name:  # glass of milk -> glasses of milk
        first, rest = name.split(" of ", 1)
        return f"{plural(first)} of {rest}"
    if last in IRREGULAR:
        many = IRREGULAR[last]
    elif last.endswith(("s", "x", "ch", "sh")) or last in {"tomato", "potato", "mango", "volcano"}:
        many = last + "es"
    elif last.endswith("y") and last[-2] not in "aeiou":
        many = last[:-1] + "ies"
    else:
        many = last + "s"
    return f"{head} {many}".strip()


def article(phrase: str) -> str:
    return f"{'an' if phrase[0] in 'aeiou' and not phrase.startswith(('uni', 'ufo', 'eu')) else 'a'} {phrase}"


class Captioner:
    def __init__(self, objects: list[DrawnObject], seed: int):
        self.objects = objects
        self.rng = np.random.default_rng(seed)
        shares = np.array([LANGUAGE_SHARES[language] for language in LANGUAGES])
        self.shares = shares / shares.sum()

    def caption(self, scene: Scene, language: str | None = None) -> str:
        """One caption at random, lower case; in a language by `LANGUAGE_SHARES` if none is given."""
        language = language or str(self.rng.choice(LANGUAGES, p=self.shares))
        spoken = all(language in self.objects[p.object].names for p in scene.placed)
        if language == "en" or not spoken:
            return self._english(scene).lower()
        return self._other(scene, language, OTHERS[language]).lower()

    def _one(self, choices) -> str:
        return str(choices[int(self.rng.integers(len(choices)))])

    def _colour_word(self, scene: Scene, i: int, names: dict[str, list[str]] | None = None) -> str:
        """The colour of object i if it is painted (nearly always said) or is so by nature (sometimes said, never where the object in
        that colour is held out: another style's icon may have it)."""
        placed, chance = scene.placed[i], self.rng.random()
        colour = placed.colour if chance < 0.93 and placed.colour else None
        if placed.colour is None and chance < 0.3:
            natural = scene.natural[i]
            is_held_out = natural is not None and held_out_colour(self.objects[placed.object].name, natural)
            colour = None if is_held_out else natural
        if colour is None or names is None:
            return colour or ""
        return self._one([colour, colour, colour, *names.get(colour, [])])

    def _name(self, placed: Placed) -> str:
        drawn = self.objects[placed.object]
        return drawn.name if not drawn.aliases or self.rng.random() < 0.7 else self._one(drawn.aliases)

    def _phrase(self, scene: Scene, i: int) -> tuple[str, str]:
        """(with article, bare), as "a red fox", "red fox"."""
        name = self._name(scene.placed[i])
        bare = f"{self._colour_word(scene, i, colours.ALIASES)} {name}".strip()
        return (bare if name in UNCOUNTED else article(bare)), bare

    def _english(self, scene: Scene) -> str:
        if scene.kind == "single" and self.rng.random() < 0.04 and (word := self._colour_word(scene, 0)):
            return self._one([word, f"something {word}", f"{word} things"])
        if scene.kind == "count":
            name, count = self._name(scene.placed[0]), len(scene.placed)
            number = self._one([NUMBERS[count], NUMBERS[count], str(count)])
            text = " ".join(f"{number} {self._colour_word(scene, 0)} {plural(name)}".split())
            text = self._one(["{x}", "{x}", "a picture of {x}", "there are {x}"]).format(x=text)
        elif scene.kind == "pair":
            (a, _), (b, _) = self._phrase(scene, 0), self._phrase(scene, 1)
            text = self._one(RELATION[scene.relation]).format(a=a, b=b)
        else:
            x, bare = self._phrase(scene, 0)
            text = self._one(SINGLE).format(x=x, bare=bare)
        text += self._background_words(scene)
        return text + self._style_words(scene)

    def _background_words(self, scene: Scene) -> str:
        if scene.background is None or self.rng.random() < 0.05:
            return (
                self._one(["", "", "", "", "", "", " on a transparent background"]) if scene.background is None else ""
            )
        if scene.background in colours.PALETTE:
            colour = self._one([scene.background, *colours.ALIASES.get(scene.background, [])])
            return self._one(
                [
                    " on a {c} background",
                    " on a {c} background",
                    " with a {c} background",
                    ", {c} background",
                    " on {c}",
                ]
            ).format(c=colour)
        return " " + self._one(backgrounds.PHRASES[scene.background])

    def _style_words(self, scene: Scene) -> str:
        styles = {p.style for p in scene.placed}
        style = scene.placed[0].style
        if len(styles) > 1 or (style == DEFAULT_STYLE and self.rng.random() > 0.25):
            return ""
        word = self._one([STYLE_WORDS[style][0], *STYLE_WORDS[style]])
        return self._one([", {w} style", " in {w} style", ", {w}", " in the {w} style"]).format(w=word)

    def _other(self, scene: Scene, language: str, words: Language) -> str:
        def phrase(i: int, many: bool = False) -> str:
            colour, name = self._colour_word(scene, i), self._one(self.objects[scene.placed[i].object].names[language])
            if many and words.plural and " " not in name and name[-1] in "aeiouéíóãoe":
                name += words.plural
            if not colour:
                return name
            return self._one(words.coloured).format(n=name, c=self._one(words.colours[colour]))

        if scene.kind == "count":
            count = len(scene.placed)
            number = self._one([words.numbers[count - 2], words.numbers[count - 2], str(count)])
            text = self._one(words.counted).format(k=number, x=phrase(0, many=True))
        elif scene.kind == "pair":
            text = self._one(words.relations[scene.relation]).format(a=phrase(0), b=phrase(1))
        else:
            text = self._one(words.single).format(x=phrase(0))
        if scene.background in colours.PALETTE:
            text = self._one(words.plain).format(t=text, c=words.colours[scene.background][0])
        elif scene.background is not None:
            text = words.place.format(t=text, p=words.places[scene.background])
        style = scene.placed[0].style
        if style != DEFAULT_STYLE or self.rng.random() < 0.15:
            text = self._one(words.style).format(t=text, s=words.styles[style])
        return text


def vocabulary(objects: list[DrawnObject], words: list[str]) -> dict:
    """`vocabulary.json`: what the model knows by category, and every word of its training captions."""
    owners = Counter(tag for o in objects for tag in o.tags)
    said = {*words, *(name for o in objects for name in (o.name, *o.aliases))}
    tags = [[t for t in o.tags if owners[t] <= TAG_OWNERS_MAX and t not in said] for o in objects]
    names = [[name for language in o.names.values() for name in language] for o in objects]
    colour_words = {c: [w for spoken in OTHERS.values() for w in spoken.colours[c]] for c in colours.PALETTE}
    places = {p: [spoken.places[p] for spoken in OTHERS.values()] for p in backgrounds.PLACES}
    style_words = {s: [spoken.styles[s] for spoken in OTHERS.values()] for s in STYLE_WORDS}
    return {
        "objects": [
            {"name": o.name, "emoji": o.emoji, "category": o.category, "aliases": unique(o.aliases + n), "tags": t}
            for o, n, t in zip(objects, names, tags, strict=True)
        ],
        "colours": [{"name": c, "aliases": unique(colours.ALIASES.get(c, []) + colour_words[c])} for c in colours.PALETTE],
        "styles": [{"name": s, "words": f"{w[0]} style", "aliases": unique([*w[1:], *style_words[s]], s)} for s, w in STYLE_WORDS.items()],
        "backgrounds": [{"name": p, "aliases": unique(backgrounds.PHRASES[p] + places[p])} for p in backgrounds.PLACES],
        "languages": [LANGUAGE_NAMES[language] for language in LANGUAGES],
        "words": sorted(words),
    }  # fmt: skip


def unique(words: list[str], known: str = "") -> list[str]:
    return [word for word in dict.fromkeys(words) if word != known]
