"""Makes the golden files of this folder with DVC itself: `python make.py`, where DVC 3.67.1 is installed.

`texts.json` holds pairs of a value and the text that DVC writes for it; `project/` and `numbers/` projects with the lock of
their first `dvc repro`. The tests only read them.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from dvc.utils.serialize import dumps_yaml

HERE = pathlib.Path(__file__).parent
WORDS = ["a", "train.py", "--lr", "0.1", "it's", '"x y"', "a:", ":b", "#c", "x#y", "-", "- a", "?", "é", "😀", "\t", "\\", "'",
         "null", "~", "true", "1e5", "2.0", "0x1F", "2020-01-01", "=", "<<", "{a}", "[b", "a,b", "&x", "*y", "!z", "|", ">", "%",
         "@", "`", "$HOME", "&&", "\\", "\x07", "\xa0", "\u2028", "\ufeff", "---", "...", "verylongwordwithoutanyspaces" * 4,
         "python -m package.module --some-option value --another-option another/value", "12345678901234567890123456789012"]


def text(rng):
    joints = rng.choice([[" "], [" ", "  "], [" ", "\n"], [" ", "\n", "\n  ", " \n"], [""], ["/", " "]])
    words = [rng.choice(WORDS) for _ in range(rng.choice([1, 1, 2, 3, 8, 20]))]
    return "".join(word + rng.choice(joints) for word in words).strip(rng.choice(["", " ", " \n"]))


def value(rng, depth):
    kind = rng.choice(["text"] * 6 + ["int", "float", "bool", "null"] + (["list", "map"] * 3 if depth else []))
    if kind == "text":
        return text(rng)
    if kind == "int":
        return rng.randrange(-10**9, 10**12)
    if kind == "float":
        return rng.choice([rng.uniform(-1, 1), rng.random() * 10 ** rng.randrange(-12, 20), 1e-5, 1e16, 0.0, -0.0, 1e22])
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "null":
        return None
    if kind == "list":
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {key(rng): value(rng, depth - 1) for _ in range(rng.randrange(4))}


def key(rng):
    return rng.choice(["lr", "train.epochs", "a b", "x: y", "é", "1", "true", "it's", "-", "k" * 130, "", "a/b.yaml", "@x", "2.0"])


def as_json(value):
    """Floats as texts, so that every reader gives all their digits back."""
    if isinstance(value, float):
        return f"!float {value!r}"
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return value


def texts(seed, n):
    rng = random.Random(seed)
    cases = [{"key": key(rng), "value": value(rng, 3)} for _ in range(n)]
    # One level down, as everything in a lock is.
    return [
        {"key": case["key"], "value": as_json(case["value"]), "text": dumps_yaml({"x": {case["key"]: case["value"]}})}
        for case in cases
    ]


def project(name):
    source = HERE / name
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder) / name
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("dvc.lock"))
        dvc = str(pathlib.Path(sys.executable).parent / "dvc")
        subprocess.run([dvc, "init", "--no-scm", "-q"], cwd=folder, check=True)
        subprocess.run([dvc, "repro", "-q"], cwd=folder, check=True)
        shutil.copy(folder / "dvc.lock", source / "dvc.lock")


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case) for case in texts(755, 400))
    (HERE / "texts.json").write_text(f"[\n{lines}\n]\n")
    project("project")
    project("numbers")
