"""Captions of a scene, in English and Chinese: many ways to say the same, each true."""

import numpy as np

from . import backgrounds, colours
from .icons import DrawnObject
from .scenes import Placed, Scene

STYLE_WORDS = {
    "fluent": ["fluent", "soft", "glossy"],
    "flat": ["flat", "simple"],
}
NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}
CHINESE_NUMBERS = {2: "两", 3: "三", 4: "四", 5: "五"}
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
    "and": ("{a} and {b}", "{a} and {b}", "{a} with {b}", "{a}, {b}", "{a} together with {b}", "both {a} and {b}", "{b} and {a}"),
    "next to": ("{a} next to {b}", "{a} beside {b}", "{a} near {b}", "{b} next to {a}", "{a} close to {b}", "{a} by {b}"),
    "left of": ("{a} to the left of {b}", "{a} left of {b}", "{a} on the left of {b}", "{b} to the right of {a}", "{a} on the left, {b} on the right",
                "on the left {a}, on the right {b}"),
    "right of": ("{a} to the right of {b}", "{a} right of {b}", "{a} on the right of {b}", "{b} to the left of {a}", "{b} on the left, {a} on the right",
                 "on the right {a}, on the left {b}"),
    "above": ("{a} above {b}", "{a} over {b}", "{b} below {a}", "{b} under {a}", "{a} at the top, {b} at the bottom", "{b} beneath {a}"),
    "below": ("{a} below {b}", "{a} under {b}", "{a} beneath {b}", "{b} above {a}", "{b} over {a}", "{b} at the top, {a} at the bottom"),
    "on": ("{a} on {b}", "{a} on top of {b}", "{a} sitting on {b}", "{a} standing on {b}", "{b} with {a} on top"),
}  # fmt: skip
RELATION_ZH = {
    "and": ("{a}和{b}", "{a}与{b}"),
    "next to": ("{a}在{b}旁边", "{a}和{b}在一起"),
    "left of": ("{a}在{b}的左边", "左边是{a},右边是{b}"),
    "right of": ("{a}在{b}的右边", "左边是{b},右边是{a}"),
    "above": ("{a}在{b}的上面", "{b}上方的{a}"),
    "below": ("{a}在{b}的下面", "{b}下方的{a}"),
    "on": ("{a}在{b}上", "{b}上的{a}"),
}


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
    def __init__(self, objects: list[DrawnObject], seed: int, chinese_share: float = 0.1):
        self.objects, self.chinese_share = objects, chinese_share
        self.rng = np.random.default_rng(seed)

    def caption(self, scene: Scene) -> str:
        """One caption at random, lower case."""
        if self.rng.random() < self.chinese_share:
            return self._chinese(scene)
        return self._english(scene).lower()

    def _one(self, choices) -> str:
        return str(choices[int(self.rng.integers(len(choices)))])

    def _colour_word(self, scene: Scene, i: int, names: dict[str, list[str]] | None = None) -> str:
        """The colour of object i if it is painted (nearly always said) or is so by nature (sometimes said)."""
        placed, chance = scene.placed[i], self.rng.random()
        colour = placed.colour if chance < 0.93 and placed.colour else None
        if placed.colour is None and chance < 0.3:
            colour = scene.natural[i]
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
        if len(styles) > 1 or self.rng.random() > (0.3 if style == "fluent" else 0.75):
            return ""
        word = self._one([STYLE_WORDS[style][0], *STYLE_WORDS[style]])
        return self._one([", {w} style", " in {w} style", ", {w}", " in the {w} style"]).format(w=word)

    def _chinese(self, scene: Scene) -> str:
        def phrase(i: int) -> str:
            colour = self._colour_word(scene, i)
            name = self.objects[scene.placed[i].object].chinese
            return f"{colours.CHINESE[colour]}的{name}" if colour else name

        if scene.kind == "count":
            text = f"{CHINESE_NUMBERS[len(scene.placed)]}个{phrase(0)}"
        elif scene.kind == "pair":
            text = self._one(RELATION_ZH[scene.relation]).format(a=phrase(0), b=phrase(1))
        else:
            text = self._one(["{x}", "{x}", "一个{x}", "一只{x}", "画一个{x}"]).format(x=phrase(0))
        if scene.background in colours.PALETTE:
            text += self._one([",", "，"]) + f"{colours.CHINESE[scene.background]}背景"
        elif scene.background is not None:
            text = backgrounds.CHINESE[scene.background] + "的" + text
        return text


def vocabulary(objects: list[DrawnObject], words: list[str]) -> dict:
    """`vocabulary.json`: what the model knows by category, and every word of its training captions."""
    return {
        "objects": [{"name": o.name, "emoji": o.emoji, "category": o.category, "aliases": o.aliases + [o.chinese]} for o in objects],
        "colours": [{"name": c, "aliases": colours.ALIASES.get(c, []) + [colours.CHINESE[c]]} for c in colours.PALETTE],
        "styles": [{"name": w[0], "words": f"{w[0]} style", "aliases": w[1:]} for w in STYLE_WORDS.values()],
        "backgrounds": [{"name": p, "aliases": backgrounds.PHRASES[p] + [backgrounds.CHINESE[p]]} for p in backgrounds.PLACES],
        "words": sorted(words),
    }  # fmt: skip
