"""Guidance x top-k x temperature in one picture, to choose a model's defaults by eye:
`python -m easel_train.sweep --model DIR --out FILE`. A row is a setting, a column a prompt; the seeds are the same in every row."""

import argparse
from itertools import product
from pathlib import Path

from PIL import Image, ImageDraw

from .onnx_engine import OnnxEngine
from .sheet import INK, PAPER, load_font, paint, read_prompts

PROMPTS = (
    "a red apple",
    "a cat",
    "a rocket",
    "a snowman",
    "a purple cat",
    "three bananas",
    "a red fox under a rainbow",
    "a whale in the sea",
    "a penguin, flat style",
    "一只猫",
)
MARGIN_PX = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--guidance", type=float, nargs="+", default=[1.0, 1.5, 2.0, 3.0, 4.0])
    parser.add_argument("--top-k", type=int, nargs="+", default=[1, 5, 10, 30])
    parser.add_argument("--temperature", type=float, nargs="+", default=[0.7, 1.0])
    parser.add_argument("--prompts", type=Path, help="a file, one a line")
    parser.add_argument("--seeds", type=int, default=1, help="pictures a prompt")
    parser.add_argument("--side-px", type=int, default=96)
    args = parser.parse_args()
    engine = OnnxEngine(args.model)
    prompts = list(PROMPTS) if args.prompts is None else read_prompts(args.prompts)
    settings = list(product(args.guidance, args.top_k, args.temperature))
    step = args.side_px + 2
    header = 18
    columns = len(prompts) * args.seeds
    sheet = Image.new("RGB", (MARGIN_PX + columns * step, header + len(settings) * step), PAPER)
    pen, font = ImageDraw.Draw(sheet), load_font(12)
    for column, prompt in enumerate(prompts):
        pen.text((MARGIN_PX + column * args.seeds * step, 2), prompt[:16] if prompt.isascii() else "zh", INK, font)
    for row, (guidance, top_k, temperature) in enumerate(settings):
        requests = [
            engine.request(prompt, seed=seed + 1, guidance_scale=guidance, top_k=top_k, temperature=temperature)
            for prompt in prompts
            for seed in range(args.seeds)
        ]
        top = header + row * step
        label = f"guidance {guidance:g}\ntop-k {top_k}\ntemperature {temperature:g}"
        pen.multiline_text((4, top + 20), label, INK, font)
        for column, image in enumerate(paint(engine, requests)):
            small = image.resize((args.side_px, args.side_px), Image.Resampling.LANCZOS)
            sheet.paste(small, (MARGIN_PX + column * step, top))
        print(f"{row + 1}/{len(settings)} guidance {guidance:g} top-k {top_k} temperature {temperature:g}", flush=True)
    sheet.save(args.out, optimize=True)


if __name__ == "__main__":
    main()
