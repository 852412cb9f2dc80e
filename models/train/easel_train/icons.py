"""The icon sets: fetched from the npm registry, matched to the object list, rasterised once at each size that scenes use."""

import json
import re
import subprocess
import tarfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np

SIZES_PX = (128, 64, 40)
"""Exact sizes, so that the tokenizer sees an object in few ways: alone, in scenes, and one of five."""
EXTRA_EVERY, EXTRA_HELD_OUT_EVERY = 5, 5
"""Every fifth emoji that is no object of ours also goes to the tokenizer's training; a fifth of those only to its test."""


@dataclass(frozen=True)
class IconSet:
    style: str
    package: str
    version: str
    license: str
    author: str


ICON_SETS = (
    IconSet("flat", "@iconify-json/fluent-emoji-flat", "1.2.6", "MIT", "Microsoft, Fluent Emoji Flat"),
    IconSet("fluent", "@iconify-json/fluent-emoji", "1.2.7", "MIT", "Microsoft, Fluent Emoji"),
    IconSet("3d", "@lobehub/fluent-emoji-3d", "1.1.0", "MIT", "Microsoft, Fluent Emoji 3D, packed by LobeHub"),
    IconSet("twemoji", "@iconify-json/twemoji", "1.2.5", "CC-BY-4.0", "Twitter, Inc and other contributors, Twemoji"),
    IconSet("noto", "@iconify-json/noto", "1.2.9", "Apache-2.0", "Google, Noto Emoji"),
    IconSet("emojione", "@iconify-json/emojione", "1.2.3", "CC-BY-4.0", "EmojiOne 2.3, provided free by EmojiOne"),
)
DEFAULT_STYLE = "flat"  # what a caption without a style word means
ALWAYS_STYLES = ("flat", "fluent")  # never held out
LANGUAGES = ("en", "zh", "es", "fr", "de", "ja", "pt", "ko")
LABELS = IconSet("labels", "emojibase-data", "17.0.0", "MIT", "Miles Johnson, emojibase")
OBJECTS_FILE = Path(__file__).with_name("objects.txt")
NAMES_FILE = Path(__file__).with_name("names.tsv")
COMMON_FILE = Path(__file__).parents[1] / "eval" / "objects.txt"


@dataclass
class DrawnObject:
    """One thing that the model can draw: what it is called and where its pictures are."""

    name: str
    aliases: list[str]
    names: dict[str, list[str]]  # language (all but English) -> what it is called
    tags: list[str]  # emojibase's English search words
    emoji: str
    label: str
    category: str
    common: bool  # one of eval/objects.txt: drawn more often
    icons: dict[str, str] = field(default_factory=dict)  # style -> icon name or file in that set

    @property
    def chinese(self) -> str:
        return self.names["zh"][0]


def fetch(package: str, version: str, folder: Path) -> Path:
    """Unpacks `package@version` from the npm registry into `folder` (once) and returns the package's folder."""
    target = folder / f"{package.replace('/', '-').lstrip('@')}-{version}"
    if not (target / "package").exists():
        target.mkdir(parents=True, exist_ok=True)
        npm = subprocess.run(
            ["npm", "pack", f"{package}@{version}", "--silent"], cwd=target, capture_output=True, text=True, check=False
        )
        if npm.returncode != 0:
            raise RuntimeError(
                f"npm pack {package}@{version} failed: is the npm registry reachable? {npm.stderr[-500:]}"
            )
        archive = target / npm.stdout.strip().splitlines()[-1]
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
        archive.unlink()
    return target / "package"


def icon_key(label: str) -> str:
    """The icon sets' name of an emojibase label: "Tokyo tower" -> "tokyo-tower"."""
    kept = "".join(c if c.isalnum() else "-" for c in label.lower().replace("’", "").replace("ñ", "n"))
    return "-".join(part for part in kept.split("-") if part)


class Sets:
    """The unpacked packages: labels in every language, and where each set keeps the icon of an emoji."""

    def __init__(self, folder: Path):
        labels = fetch(LABELS.package, LABELS.version, folder)
        self.languages = {
            language: {e["hexcode"]: e for e in json.loads((labels / language / "data.json").read_text())}
            for language in LANGUAGES
        }
        self.english = {e["label"]: e for e in self.languages["en"].values()}
        self.vectors: dict[str, dict] = {}
        self.named: dict[str, str] = {}  # hexcode -> icon name, gathered from the sets that say
        for icon_set in ICON_SETS:
            package = fetch(icon_set.package, icon_set.version, folder)
            if icon_set.style == "3d":
                self.pictures = package / "assets"
                continue
            self.vectors[icon_set.style] = json.loads((package / "icons.json").read_text())
            self.named = json.loads((package / "chars.json").read_text()) | self.named

    def icons_of(self, entry: dict) -> dict[str, str]:
        """style -> icon name (or file) of an emojibase entry."""
        code = entry["hexcode"].lower()
        bare = code.replace("-fe0f", "")
        files = (self.pictures / f"{name}.webp" for name in (code, bare, f"{bare}-fe0f"))
        picture = next((f for f in files if f.exists()), None)
        found = {} if picture is None else {"3d": str(picture)}
        key = icon_key(entry["label"])
        names = [key, key.removesuffix("-face") + "-face", self.named.get(code), self.named.get(bare)]
        for style, icons in self.vectors.items():
            for name in names:
                if name in icons["icons"] or name in icons.get("aliases", {}):
                    found[style] = name
                    break
        return {s.style: found[s.style] for s in ICON_SETS if s.style in found}

    def source(self, style: str, icon: str) -> str | Path:
        return Path(icon) if style == "3d" else to_svg(self.vectors[style], icon)


FACE_WORDS = {
    "es": "cara de ",
    "pt": "rosto de ",
    "fr": "tête de ",
    "de": "gesicht",
    "ja": "の顔",
    "ko": " 얼굴",
    "zh": "脸",
}


def spoken(entry: dict, language: str, animal: bool) -> str:
    """An emojibase label as people say it: "tête de chat" is a cat."""
    label = re.sub(r"[“”\"():：（）]", " ", entry["label"].lower())
    if animal:
        label = label.replace(FACE_WORDS[language], " ")
    return " ".join(label.split())


def listed_names() -> dict[str, dict[str, str]]:
    """names.tsv: object -> language -> what people call it, where the label is odd."""
    languages, named = ("es", "fr", "de", "ja", "pt", "ko"), {}
    for line in NAMES_FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *words = line.split("\t")
            named[name] = {language: word for language, word in zip(languages, words, strict=False) if word}
    return named


def read_objects(folder: Path) -> tuple[list[DrawnObject], Sets]:
    """The object list joined with labels and icon sets; objects that no set draws are an error."""
    sets = Sets(folder)
    common = {line for line in COMMON_FILE.read_text().splitlines() if line and not line.startswith("#")}
    objects, category, listed = [], "", listed_names()
    for line in OBJECTS_FILE.read_text().splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            category = line.strip("[]")
            continue
        line, _, chinese_name = (part.strip() for part in line.partition("|"))
        label, _, given = (part.strip() for part in line.partition("="))
        if label not in sets.english:
            raise ValueError(f"objects.txt: emojibase has no emoji with the label {label!r}")
        entry = sets.english[label]
        name, *aliases = [n.strip().lower() for n in given.split(",")] if given else [label.lower()]
        icons = sets.icons_of(entry)
        if not icons:
            raise ValueError(f"objects.txt: no icon set draws {label!r}")
        names = {
            language: [spoken(entries[entry["hexcode"]], language, category == "animals")]
            for language, entries in sets.languages.items()
            if language != "en" and entry["hexcode"] in entries
        }
        names |= {language: [word] for language, word in listed.get(name, {}).items()}
        if chinese_name:
            names["zh"] = [chinese_name]
        tags = [t for t in entry.get("tags", []) if t not in {name, *aliases}]
        objects.append(DrawnObject(name, aliases, names, tags, entry["emoji"], label, category, name in common, icons))
    unknown = common - {o.name for o in objects}
    if unknown:
        raise ValueError(f"eval/objects.txt names what objects.txt does not: {', '.join(sorted(unknown))}")
    return objects, sets


def extra_emoji(objects: list[DrawnObject], sets: Sets) -> list[dict]:
    """Emoji that are none of our objects (flags and people's skin tones aside), thinned."""
    ours = {o.label for o in objects}
    rest = [e for e in sets.languages["en"].values() if e["label"] not in ours and e.get("group") not in (None, 2, 9)]
    return rest[::EXTRA_EVERY]


def to_svg(icon_set: dict, key: str) -> str:
    while key not in icon_set["icons"]:
        key = icon_set["aliases"][key]["parent"]
    icon = icon_set["icons"][key]
    width, height = icon.get("width", icon_set.get("width", 16)), icon.get("height", icon_set.get("height", 16))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">{icon["body"]}</svg>'
    )


def rasterise(source: str | Path, sizes_px: tuple[int, ...]) -> list[np.ndarray]:
    """An SVG's text or a picture's path -> (size, size, 4) uint8 each, colour premultiplied by alpha. Call it in a child
    process: a bad file can end its process."""
    import pyvips

    large = max(sizes_px)
    if isinstance(source, Path):
        image = pyvips.Image.new_from_file(str(source))
        image = image if image.bands == 4 else image.bandjoin(255)
    else:
        probe = pyvips.Image.svgload_buffer(source.encode())
        image = pyvips.Image.svgload_buffer(source.encode(), scale=large * 3 / max(probe.width, probe.height))
    image = image.premultiply().copy_memory()
    drawn = []
    for size in sizes_px:
        small = image.resize(size / max(image.width, image.height), kernel="lanczos3")
        pixels = np.clip(np.rint(small.numpy()), 0, 255).astype(np.uint8)[:size, :size]
        out = np.zeros((size, size, 4), np.uint8)
        out[: pixels.shape[0], : pixels.shape[1]] = pixels
        out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
        drawn.append(out)
    return drawn


def _rasterise_all(job: tuple[str | Path, tuple[int, ...]]) -> list[np.ndarray]:
    return rasterise(*job)


def load_icons(work: Path, scale: int = 1) -> tuple[list[DrawnObject], dict[tuple[int, str], dict[int, np.ndarray]]]:
    """Objects, and the pictures of (object index, style) by size; cached as one file in `work`. With `scale` 2 a picture of
    size 64 has 128 pixels: sizes and places are those of a scene of 128."""
    objects, sets = read_objects(work / "packages")
    cache = work / ("icons.npz" if scale == 1 else f"icons-{scale}x.npz")
    keys = [(i, style) for i, o in enumerate(objects) for style in o.icons]
    if not cache.exists():
        pixels = tuple(size * scale for size in SIZES_PX)
        jobs = [(sets.source(style, objects[i].icons[style]), pixels) for i, style in keys]
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            drawn = list(pool.map(_rasterise_all, jobs, chunksize=32))
        np.savez(cache, **{str(size): np.stack([d[k] for d in drawn]) for k, size in enumerate(SIZES_PX)})
    arrays = np.load(cache)
    stacks = {size: arrays[str(size)] for size in SIZES_PX}
    if len(stacks[SIZES_PX[0]]) != len(keys):
        raise RuntimeError(f"{cache} was made from another object list: delete it and run again")
    return objects, {key: {size: stacks[size][n] for size in SIZES_PX} for n, key in enumerate(keys)}


def load_extra(work: Path, held_out: bool, scale: int = 1) -> np.ndarray:
    """(N, side, side, 4): emoji outside the object list, for the tokenizer's training or (held out) its test."""
    cache = work / ("extra.npz" if scale == 1 else f"extra-{scale}x.npz")
    if not cache.exists():
        objects, sets = read_objects(work / "packages")
        emoji = extra_emoji(objects, sets)
        jobs = [(n, sets.source(s, icon)) for n, e in enumerate(emoji) for s, icon in sets.icons_of(e).items()]
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            sources = [(source, (SIZES_PX[0] * scale,)) for _, source in jobs]
            drawn = [pictures[0] for pictures in pool.map(_rasterise_all, sources, chunksize=32)]
        held = np.array([n % EXTRA_HELD_OUT_EVERY == 0 for n, _ in jobs])
        np.savez(cache, pictures=np.stack(drawn), held=held)
    arrays = np.load(cache)
    return arrays["pictures"][arrays["held"] == held_out]
