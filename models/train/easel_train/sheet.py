"""A sheet of pictures for fixed prompts, through the exported ONNX files: `python -m easel_train.sheet --model DIR --out FILE`."""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .onnx_engine import OnnxEngine
from .reference import DrawRequest

PROMPTS = Path(__file__).parents[1] / "prompts" / "contact-48.txt"
BATCH = 8
LABEL_PX = 26
INK, PAPER, CHECK = (40, 40, 40), (255, 255, 255), (236, 236, 236)
FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "msyh.ttc",
    "PingFang.ttc",
    "DejaVuSans.ttf",
)


def load_font(size_px: int) -> ImageFont.FreeTypeFont:
    """The first of `FONTS` that this machine has (Chinese labels need one of the first six), else Pillow's own."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size_px)
        except OSError:
            continue
    return ImageFont.load_default(size_px)


def can_write(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Whether the font has every character, told by the box it draws for one that it lacks."""
    missing = bytes(font.getmask("\U0010fffe"))
    return all(bytes(font.getmask(character)) != missing for character in text if not character.isspace())


def to_image(pixels: np.ndarray, check_px: int = 16) -> Image.Image:
    """(4, height, width), colour premultiplied by alpha -> the picture on a checkerboard, where it is transparent."""
    _, height, width = pixels.shape
    y, x = np.mgrid[:height, :width] // check_px
    board = np.where(((x + y) % 2)[None], np.array(CHECK)[:, None, None], np.array(PAPER)[:, None, None]) / 255
    colour, alpha = np.minimum(pixels[:3], pixels[3:]), pixels[3:]
    seen = (colour + (1 - alpha) * board).clip(0, 1)
    return Image.fromarray((seen.transpose(1, 2, 0) * 255 + 0.5).astype(np.uint8))


def paint(engine: OnnxEngine, requests: list[DrawRequest]) -> list[Image.Image]:
    """Draws the requests, some at a time."""
    images = []
    for start in range(0, len(requests), BATCH):
        ids = engine.draw(requests[start : start + BATCH])
        images += [to_image(pixels) for pixels in engine.decode(ids)]
    return images


def compose(images: list[Image.Image], labels: list[str], columns: int, side_px: int, gap_px: int = 6) -> Image.Image:
    """A grid, a label under each picture ("" for none); what the font lacks becomes the picture's number."""
    label_px = LABEL_PX if any(labels) else 0
    rows = -(-len(images) // columns)
    step_x, step_y = side_px + gap_px, side_px + label_px + gap_px
    sheet = Image.new("RGB", (columns * step_x + gap_px, rows * step_y + gap_px), PAPER)
    pen, font = ImageDraw.Draw(sheet), load_font(11)
    for index, (image, label) in enumerate(zip(images, labels, strict=True)):
        x, y = gap_px + index % columns * step_x, gap_px + index // columns * step_y
        sheet.paste(image.resize((side_px, side_px), Image.Resampling.LANCZOS), (x, y))
        text = label if can_write(font, label) else f"no. {index + 1}"
        pen.multiline_text((x, y + side_px + 1), wrapped(pen, text, font, side_px), INK, font, spacing=0)
    return sheet


def wrapped(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, width_px: int) -> str:
    """Two lines at most."""
    first, words = "", text.split(" ")
    while words and pen.textlength(f"{first} {words[0]}".strip(), font) <= width_px:
        first = f"{first} {words.pop(0)}".strip()
    return f"{first}\n{' '.join(words)}".strip()


def read_prompts(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prompts", type=Path, default=PROMPTS, help="one a line")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--pictures", type=int, default=1, help="a prompt")
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--side-px", type=int, default=128)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--top-k", type=int)
    parser.add_argument("--temperature", type=float)
    args = parser.parse_args()
    chosen = {"guidance_scale": args.guidance, "top_k": args.top_k, "temperature": args.temperature}
    options = {name: value for name, value in chosen.items() if value is not None}
    engine = OnnxEngine(args.model)
    prompts = [prompt for prompt in read_prompts(args.prompts) for _ in range(args.pictures)]
    requests = [
        engine.request(prompt, seed=args.seed, picture=index % args.pictures, **options)
        for index, prompt in enumerate(prompts)
    ]
    compose(paint(engine, requests), prompts, args.columns, args.side_px).save(args.out, optimize=True)


if __name__ == "__main__":
    main()
