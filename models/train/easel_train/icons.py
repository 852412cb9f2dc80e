"""The icon sets: fetched from the npm registry, matched to the object list, rasterised once at each size that scenes use."""

import json
import subprocess
import tarfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SIZES_PX = (128, 96, 64, 48)
"""Exact sizes, so that the tokenizer sees an object in few ways (all but 48 at 40 are multiples of its stride of 16)."""


@dataclass(frozen=True)
class IconSet:
    style: str
    package: str
    version: str
    license: str
    author: str


ICON_SETS = (
    IconSet("fluent", "@iconify-json/fluent-emoji", "1.2.7", "MIT", "Microsoft, Fluent Emoji"),
    IconSet("flat", "@iconify-json/fluent-emoji-flat", "1.2.6", "MIT", "Microsoft, Fluent Emoji Flat"),
)
LABELS = IconSet("labels", "emojibase-data", "17.0.0", "MIT", "Miles Johnson, emojibase")
OBJECTS_FILE = Path(__file__).with_name("objects.txt")


@dataclass
class DrawnObject:
    """One thing that the model can draw: what it is called and where its pictures are."""

    name: str
    aliases: list[str]
    chinese: str
    emoji: str
    label: str
    category: str
    icons: dict[str, str] = field(default_factory=dict)  # style -> icon name in that set


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


def read_objects(folder: Path) -> tuple[list[DrawnObject], dict[str, dict]]:
    """The object list joined with labels and icon sets; objects that no set draws are an error."""
    labels = fetch(LABELS.package, LABELS.version, folder)
    english = {e["label"]: e for e in json.loads((labels / "en/data.json").read_text())}
    chinese = {e["hexcode"]: e["label"] for e in json.loads((labels / "zh/data.json").read_text())}
    sets = {s.style: json.loads((fetch(s.package, s.version, folder) / "icons.json").read_text()) for s in ICON_SETS}
    objects, category = [], ""
    for line in OBJECTS_FILE.read_text().splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            category = line.strip("[]")
            continue
        line, _, chinese_name = (part.strip() for part in line.partition("|"))
        label, _, names = (part.strip() for part in line.partition("="))
        if label not in english:
            raise ValueError(f"objects.txt: emojibase has no emoji with the label {label!r}")
        entry = english[label]
        name, *aliases = [n.strip() for n in names.split(",")] if names else [label.lower()]
        icons = {style: key for style, s in sets.items() if (key := find_icon(s, label))}
        if not icons:
            raise ValueError(f"objects.txt: no icon set draws {label!r}")
        name_zh = chinese_name or chinese[entry["hexcode"]]
        objects.append(DrawnObject(name.lower(), aliases, name_zh, entry["emoji"], label, category, icons))
    return objects, sets


def find_icon(icon_set: dict, label: str) -> str | None:
    key = icon_key(label)
    for candidate in (key, key.replace("-face", "") + "-face" if not key.endswith("-face") else key):
        if candidate in icon_set["icons"] or candidate in icon_set.get("aliases", {}):
            return candidate
    return None


def to_svg(icon_set: dict, key: str) -> str:
    key = icon_set.get("aliases", {}).get(key, {}).get("parent", key)
    icon = icon_set["icons"][key]
    width, height = icon.get("width", icon_set.get("width", 16)), icon.get("height", icon_set.get("height", 16))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">{icon["body"]}</svg>'
    )


def rasterise(svg: str, size_px: int) -> np.ndarray:
    """(size, size, 4) uint8, colour premultiplied by alpha. Runs in a child process: one bad file must not end the builder."""
    import pyvips

    probe = pyvips.Image.svgload_buffer(svg.encode())
    image = pyvips.Image.svgload_buffer(svg.encode(), scale=size_px * 3 / max(probe.width, probe.height))
    image = image.premultiply().resize(size_px / max(image.width, image.height), kernel="lanczos3")
    pixels = np.clip(np.rint(image.numpy()), 0, 255).astype(np.uint8)[:size_px, :size_px]
    out = np.zeros((size_px, size_px, 4), np.uint8)
    out[: pixels.shape[0], : pixels.shape[1]] = pixels
    out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
    return out


def _rasterise_all(job: tuple[str, str]) -> list[np.ndarray]:
    return [rasterise(job[1], size) for size in SIZES_PX]


def load_icons(work: Path) -> tuple[list[DrawnObject], dict[tuple[int, str], dict[int, np.ndarray]]]:
    """Objects, and the pictures of (object index, style) by size; cached as one file in `work`."""
    objects, sets = read_objects(work / "packages")
    cache = work / "icons.npz"
    jobs = [((i, style), to_svg(sets[style], key)) for i, o in enumerate(objects) for style, key in o.icons.items()]
    if not cache.exists():
        with ProcessPoolExecutor(2) as pool:
            drawn = list(pool.map(_rasterise_all, jobs, chunksize=32))
        np.savez_compressed(cache, **{str(size): np.stack([d[k] for d in drawn]) for k, size in enumerate(SIZES_PX)})
    arrays = np.load(cache)
    stacks = {size: arrays[str(size)] for size in SIZES_PX}
    if len(stacks[SIZES_PX[0]]) != len(jobs):
        raise RuntimeError(f"{cache} was made from another object list: delete it and run again")
    return objects, {key: {size: stacks[size][n] for size in SIZES_PX} for n, (key, _) in enumerate(jobs)}
