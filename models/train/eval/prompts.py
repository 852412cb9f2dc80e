"""The prompts of IconEval, fixed by a seed: `python -m eval.prompts --work DIR` writes prompts.json (once; it is committed).

Six tasks with GenEval's names. `heldOut` prompts ask for combinations that training never shows, `seen` ones for such as it does.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from easel_train.captions import NUMBERS, STYLE_WORDS, UNCOUNTED, article, plural
from easel_train.colours import PALETTE
from easel_train.icons import ALWAYS_STYLES, DEFAULT_STYLE, load_icons
from easel_train.scenes import (
    Composer,
    held_out_colour,
    held_out_count,
    held_out_pair,
    held_out_style,
)

from .components import components

SEED = 2026
COUNTS = {
    "single object": 80,
    "two objects": 99,
    "counting": 80,
    "colours": 94,
    "position": 100,
    "colour attribution": 100,
}
RELATIONS = {"left of": "to the left of", "right of": "to the right of", "above": "above", "below": "below"}
FILE = Path(__file__).with_name("prompts.json")

Prompt = dict


class PromptMaker:
    def __init__(self, composer: Composer, held_out: bool, seed: int):
        self.composer, self.held_out = composer, held_out
        self.rng = np.random.default_rng(seed)
        self.objects = [(i, o) for i, o in enumerate(composer.objects) if o.common]
        # Counting and placing take objects of one piece: the judge tells things apart by the gaps between them.
        whole = [len(components(composer.icons[i, DEFAULT_STYLE][64] / 255)) == 1 for i, _ in self.objects]
        self.whole = [x for x, w in zip(self.objects, whole, strict=True) if w and x[1].name not in UNCOUNTED]

    def make(self) -> list[Prompt]:
        makers: dict[str, Callable[[], Prompt | None]] = {
            "single object": self._single,
            "two objects": self._two,
            "counting": self._count,
            "colours": self._colour,
            "position": self._position,
            "colour attribution": self._attribution,
        }
        return [prompt for task, maker in makers.items() for prompt in self._distinct(task, maker)]

    def _distinct(self, task: str, maker: Callable[[], Prompt | None]) -> Iterator[Prompt]:
        split, captions, tries = "heldOut" if self.held_out else "seen", set(), 0
        while len(captions) < COUNTS[task]:
            tries += 1
            if tries > 200_000:
                raise RuntimeError(f"only {len(captions)} distinct prompts for {task} ({split})")
            prompt = maker()
            if prompt is None or prompt["caption"] in captions:
                continue
            captions.add(prompt["caption"])
            yield {"id": f"{split}/{task}/{len(captions)}".replace(" ", "-"), "task": task, "split": split} | prompt

    def _one(self, choices):
        return choices[int(self.rng.integers(len(choices)))]

    def _single(self) -> Prompt | None:
        index, drawn = self._one(self.objects)
        style = self._one([s for s in STYLE_WORDS if s not in ALWAYS_STYLES])
        if style not in drawn.icons or held_out_style(drawn.name, style) != self.held_out:
            return None
        name = drawn.name if drawn.name in UNCOUNTED else article(drawn.name)
        return {"caption": f"{name}, {STYLE_WORDS[style][0]} style", "objects": [{"name": drawn.name, "style": style}]}

    def _pair(self) -> tuple[tuple, tuple] | None:
        first, second = self._one(self.whole), self._one(self.whole)
        if first[0] == second[0] or held_out_pair(first[1].name, second[1].name) != self.held_out:
            return None
        return first, second

    def _two(self) -> Prompt | None:
        if (pair := self._pair()) is None:
            return None
        a, b = (drawn.name for _, drawn in pair)
        return {"caption": f"{article(a)} and {article(b)}", "objects": [{"name": a}, {"name": b}]}

    def _position(self) -> Prompt | None:
        if (pair := self._pair()) is None:
            return None
        a, b = (drawn.name for _, drawn in pair)
        relation = self._one(list(RELATIONS))
        caption = f"{article(a)} {RELATIONS[relation]} {article(b)}"
        return {"caption": caption, "objects": [{"name": a}, {"name": b}], "relation": relation}

    def _count(self) -> Prompt | None:
        _, drawn = self._one(self.whole)
        count = int(self.rng.integers(2, 6))
        if held_out_count(drawn.name, count) != self.held_out:
            return None
        return {
            "caption": f"{NUMBERS[count]} {plural(drawn.name)}",
            "objects": [{"name": drawn.name, "count": count}],
        }

    def _colour(self) -> Prompt | None:
        index, drawn = self._one(self.objects)
        colour = self._one(list(PALETTE))
        if held_out_colour(drawn.name, colour) != self.held_out or not self._takes(index, colour):
            return None
        bare = f"{colour} {drawn.name}"
        name = bare if drawn.name in UNCOUNTED else article(bare)
        return {"caption": name, "objects": [{"name": drawn.name, "colour": colour}]}

    def _attribution(self) -> Prompt | None:
        if (pair := self._pair()) is None:
            return None
        (i, a), (k, b) = pair
        colours = self._one(list(PALETTE)), self._one(list(PALETTE))
        seen = not held_out_colour(a.name, colours[0]) and not held_out_colour(b.name, colours[1])
        if colours[0] == colours[1] or not seen or not (self._takes(i, colours[0]) and self._takes(k, colours[1])):
            return None
        caption = f"{article(f'{colours[0]} {a.name}')} and {article(f'{colours[1]} {b.name}')}"
        objects = [{"name": a.name, "colour": colours[0]}, {"name": b.name, "colour": colours[1]}]
        return {"caption": caption, "objects": objects}

    def _takes(self, index: int, colour: str) -> bool:
        """Whether the object can be painted so; never true of its own colour."""
        return self.composer.paintable(index, DEFAULT_STYLE, colour)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    composer = Composer(*load_icons(args.work), seed=SEED)
    prompts = [p for held_out in (True, False) for p in PromptMaker(composer, held_out, SEED + held_out).make()]
    lines = ",\n".join(json.dumps(p, ensure_ascii=False) for p in prompts)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")
    print(f"{len(prompts)} prompts in {FILE}")


if __name__ == "__main__":
    main()
