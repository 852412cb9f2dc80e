"""Which guidance, top-k and temperature score best: `python -m eval.settings --model DIR`, one JSON object a line.

On other prompts than IconEval's, made by another seed from seen combinations, so that nothing is chosen on what is reported. One
seed a prompt, drawn through onnxruntime.
"""

import argparse
import json
from itertools import product
from pathlib import Path

from easel_train.icons import load_icons
from easel_train.onnx_engine import OnnxEngine
from easel_train.scenes import Composer

from .judge import Judge
from .precisions import draw_and_judge
from .prompts import FILE as PROMPTS
from .prompts import SEED, PromptMaker
from .statistics import summarise

OTHER_SEED = SEED + 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--guidance", type=float, nargs="+", default=[1.6, 2.5])
    parser.add_argument("--top-k", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--temperature", type=float, nargs="+", default=[0.6])
    parser.add_argument("--work", type=Path, default=Path(__file__).parents[1] / "work")
    args = parser.parse_args()
    engine, judge = OnnxEngine(args.model), Judge()
    reported = {p["caption"] for p in json.loads(PROMPTS.read_text(encoding="utf-8"))}
    made = PromptMaker(Composer(*load_icons(args.work), seed=OTHER_SEED), held_out=False, seed=OTHER_SEED).make()
    prompts = [prompt for prompt in made if prompt["caption"] not in reported]
    for guidance, top_k, temperature in product(args.guidance, args.top_k, args.temperature):
        options = {"guidance_scale": guidance, "top_k": top_k, "temperature": temperature}
        result = summarise(draw_and_judge(engine, prompts, judge, **options))
        tasks = {task: round(cell["value"], 3) for task, cell in result["tasks"].items()}
        print(json.dumps(options | {"overall": round(result["overall"]["value"], 4)} | tasks), flush=True)


if __name__ == "__main__":
    main()
