"""The forecast in the browser: the page of the service, and in the place of the service WebAssembly.

Its parts are the page itself, the pretrained network as a bundle for each usual step, what the tests of Node
run bundles by, and in_browser/, which overrides modules of the page.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from deploy.bundle.bundle import GOLDEN, MANIFEST
from deploy.bundle.contract import FORECAST
from deploy.server import Limits
from deploy.server.about.description import describe_model
from deploy.server.routes import FOLDER as PAGE
from deploy.server.routes import INDEX
from forecaster.export.for_season import pack_season
from forecaster.export.packing import save
from forecaster.workflows.serve import SERVED

ROOT = Path(__file__).parents[2]
OWN = Path(__file__).with_name("in_browser")
NODE = ROOT / "tests" / "node"
RUNTIME = NODE / "node_modules" / "onnxruntime-web" / "dist"
RUNTIME_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
RUNS = ("example.mjs", "golden.mjs")
EXAMPLE = ROOT / "sample_data" / "co2_weekly.csv"
# In a frame, of a server that sends no headers: it loads its own files, and sends nothing anywhere else.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
CHARSET = '<meta charset="utf-8">'
# By a part of its index: what stands there in a frame, whose landmarks are not those of the page around it.
IN_FRAME = {
    CHARSET: f'{CHARSET}\n  <meta http-equiv="Content-Security-Policy" content="{POLICY}">',
    "<header>": '<header aria-label="Forecast of your data">',
    "<main>": '<main aria-label="Forecast of your data">',
}


def is_possible() -> bool:
    """Return whether onnxruntime-web is there, which `make site` installs by npm."""
    return all((RUNTIME / name).is_file() for name in RUNTIME_FILES)


def write(folder: Path) -> None:
    """Write the page and all that it loads into a new folder."""
    shutil.copytree(PAGE, folder, ignore=shutil.ignore_patterns("*.md"))
    for path in OWN.iterdir():
        if not (folder / path.name).is_file():
            raise FileNotFoundError(f"{path.name} overrides no module of the page in {PAGE}")
        shutil.copy(path, folder)
    index = (PAGE / INDEX).read_text(encoding="utf-8")
    for part, in_frame in IN_FRAME.items():
        if index.count(part) != 1:
            raise ValueError(f"{PAGE / INDEX} has {index.count(part)} times {part}, expected once")
        index = index.replace(part, in_frame)
    (folder / INDEX).write_text(index, encoding="utf-8")
    (folder / "onnx").mkdir()
    for path in (*(RUNTIME / name for name in RUNTIME_FILES), *(NODE / name for name in RUNS)):
        shutil.copy(path, folder / "onnx")
    shutil.copy(EXAMPLE, folder)
    _write_models(folder)


def _write_models(folder: Path) -> None:
    """Write the bundle of each usual step, as far as the page reads it, and the list of them."""
    described = []
    for name, model in SERVED.items():
        place = folder / "models" / name
        manifest = save(pack_season(model), place)
        for path in place.iterdir():
            if path.name not in (MANIFEST, GOLDEN, FORECAST):
                path.unlink()
        about = describe_model(name, manifest, "WebAssembly", Limits())
        described.append({**about, "paths": False})  # they are drawn by deploy, not by the graph
    (folder / "models.json").write_text(json.dumps(described), encoding="utf-8")
