"""DVC in one process, for `cargo xtask dvc-diff`: a request as one JSON line on standard input, its answer as one on
standard output. What stages print goes to standard error."""

import json
import logging
import os
import posixpath
import sys

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.stdout = sys.stderr
os.environ["DVC_NO_ANALYTICS"] = "1"

import copy
import functools

import dvc
import dvc.utils.serialize._yaml as yaml_reader
import dvc.utils.strictyaml as strict_reader
from dvc.commands.dag import _build, _show_dot
from dvc.dependency import ParamsDependency
from dvc.exceptions import ReproductionError
from dvc.repo import Repo

logging.disable(logging.CRITICAL)


parse = yaml_reader.parse_yaml


@functools.lru_cache(maxsize=200)
def parsed(text, path):
    return parse(text, path)


def parse_once(text, path, typ="safe"):
    """Most of DVC's time goes into reading the same few files again; what it gets is the same, and its own."""
    return copy.deepcopy(parsed(text, path)) if typ == "safe" else parse(text, path, typ=typ)


yaml_reader.parse_yaml = strict_reader.parse_yaml = parse_once


def chain(error):
    """All that is said of an error, the last cause first."""
    said = []
    while error is not None and len(said) < 8:
        said.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
    return " <- ".join(reversed(said))


def resolve(repo, request):
    def seen(stage):
        wdir = os.path.relpath(stage.wdir, repo.root_dir)
        place = lambda path: posixpath.normpath(posixpath.join(wdir, path))
        keys = [d for d in stage.deps if isinstance(d, ParamsDependency)]
        params = {place(d.def_path): sorted(set(d.params or [""])) for d in keys}
        kind = lambda out: "metric" if out.metric else "plot" if out.plot else "out"
        return {
            "name": stage.addressing,
            "cmd": stage.cmd if isinstance(stage.cmd, list) else str(stage.cmd).splitlines(),
            "wdir": wdir,
            "deps": sorted(place(d.def_path) for d in stage.deps if d not in keys),
            "params": dict(sorted(params.items())),
            "outs": sorted([place(o.def_path), kind(o), o.use_cache, o.persist] for o in stage.outs),
            "frozen": stage.frozen,
            "always_changed": stage.always_changed,
        }

    stages = [seen(stage) for stage in repo.index.stages if stage.cmd]
    graph = _build(repo, None)
    return {"stages": stages, "dot": _show_dot(graph)}


def add(repo, request):
    repo.add(request["targets"])
    return {}


def repro(repo, request):
    os.environ["DIFF_RAN"] = request["ran"]
    repo.reproduce(all_pipelines=True, on_error="keep-going")
    return {}


def status(repo, request):
    return {"dirty": {name: json.dumps(why) for name, why in repo.status().items()}}


def version(repo, request):
    return {"version": dvc.__version__, "python": sys.version.split()[0]}


def answer(request):
    if request["op"] == "version":
        return version(None, request)
    os.chdir(request["folder"])
    try:
        with Repo(request["folder"]) as repo:
            return {"end": "ok", **globals()[request["op"]](repo, request)}
    except ReproductionError as error:
        return {"end": "failed", "error": chain(error)}
    except Exception as error:
        return {"end": "refused", "error": chain(error)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), file=answers, flush=True)
