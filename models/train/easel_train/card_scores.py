"""The card's section on IconEval, from `eval.json` (which only `easel eval` writes)."""

import json
from pathlib import Path


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def score_section(folder: Path) -> str:
    """Markdown; "" where the model has not been scored."""
    path = folder / "eval.json"
    if not path.exists():
        return ""
    result = json.loads(path.read_text(encoding="utf-8"))
    judge = result.get("judge", {})

    def row(name: str, pick) -> list[str]:
        cells = [with_interval(pick(result[split])) for split in ("heldOut", "seen")]
        ceilings = [
            f"{pick(judge[key])['value']:.2f}" if key in judge else "" for key in ("ceiling", "ceilingOfTokenizer")
        ]
        return [name, *cells, *ceilings]

    rows = [row("**overall**", lambda split: split["overall"])]
    rows += [row(task, lambda split, task=task: split["tasks"][task]) for task in result["heldOut"]["tasks"]]
    speed = result["speed"]
    seconds = ", ".join(f"{value:.2f} s ({count} at a time)" for count, value in speed["secondsAPicture"].items())
    parts = [
        "## IconEval",
        f"`npx easel eval`, {result['seedsAPrompt']} picture{'s' if result['seedsAPrompt'] > 1 else ''} a prompt, drawn by Easel with the "
        "shipped files. IconEval has the task names of GenEval and is neither GenEval nor comparable with it. *Held out*: combinations "
        "that training never showed (an object in an unseen style, count or colour, an unseen pair). In brackets the 95 % interval "
        "(bootstrap over prompts). The judge is a small network trained on real renders; its own limits are the two columns on the right.",
        table(["task", "held out", "seen", "judge on real renders", "judge on the tokenizer's own"], rows),
        "![IconEval](eval.png)",
    ]
    if "tokenizer" in result:
        t = result["tokenizer"]
        parts.append(
            f"Tokenizer, on {t['icons']} icons that it never saw: PSNR **{t['psnrDb']:.2f} dB** (RGB on white, inside the icon's box and 8 "
            f"pixels around it), SSIM {t['ssim']:.3f}, {t['codesUsed']:,} of {t['codes']:,} codes used."
        )
        n = result["nats"]
        parts.append(
            f"Captions matter: {with_interval(n['conditional'], 3)} nats a token with the caption, {with_interval(n['unconditional'], 3)} "
            f"without it, on {n['scenes']} scenes of compositions that training never showed."
        )
        m = result["memory"]
        parts.append(
            f"Memory: drawings of single objects are {with_interval(m['nearestOfDrawings'], 3)} from their nearest icon of training (root mean "
            f"square, 32 x 32), held-out real icons {with_interval(m['nearestOfHeldOutIcons'], 3)}. The ten closest pairs:\n\n![nearest](nearest.webp)"
        )
    if (folder / "precisions.json").exists():
        parts.append(precision_table(json.loads((folder / "precisions.json").read_text(encoding="utf-8"))))
    cores = f" with {speed['cores']} cores, load average {speed['load']:.1f}" if "cores" in speed else ""
    memory = (
        "" if speed.get("peakMemoryMb") is None else f" The process that draws took at most {speed['peakMemoryMb']} MB."
    )
    parts.append(f"Speed on {speed['device']}{cores}: {seconds} a picture.{memory}")
    return "\n\n".join(parts)


def precision_table(rows: list[dict]) -> str:
    """What `eval.precisions` found."""
    lines = [
        [
            row["weights"],
            row["compute"],
            f"{row['weightBytes'] / 1e6:.1f} MB",
            f"{row['agreement']:.1%}",
            f"{row['reconstructionDb']:.2f} dB",
            f"{row['heldOut']['value']:.3f}",
            f"{row['seen']['value']:.3f}",
            with_interval(row["lost"], 3),
            "yes" if row["mayShip"] else "no",
        ]
        for row in rows
    ]
    header = [
        "weights",
        "computed in",
        "file",
        "choices as full precision",
        "reconstruction",
        "held out",
        "seen",
        "lost against fp32",
        "may ship",
    ]
    return (
        "In other precisions (`python -m eval.precisions`: one seed a prompt, drawn by onnxruntime; the file of weights also holds what "
        "the float16 graphs need):\n\n" + table(header, lines)
    )


def with_interval(cell: dict, digits: int = 2) -> str:
    low, high = cell["interval"]
    return f"{cell['value']:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
