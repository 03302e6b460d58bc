#!/bin/sh
# Builds wheel and sdist, checks them, and uses the wheel as a user does: in empty environments, away from the source.
# usage: tests/supply/smoke.sh PYTHON FOLDER [OPTIONS OF PIP ...]
set -eu
python=$1 folder=$2
shift 2
source=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
unset PYTHONPATH

say() { echo "smoke: $*"; }

"$python" -m venv --clear "$folder/tools"
"$folder/tools/bin/pip" install --quiet --disable-pip-version-check "$@" build twine
rm -rf "$source/dist"
"$folder/tools/bin/python" -m build --outdir "$source/dist" "$source" > "$folder/build.log"
"$folder/tools/bin/twine" check --strict "$source"/dist/*
wheel=$(echo "$source"/dist/*.whl)
say "wheel $(wc -c < "$wheel") bytes, sdist $(wc -c < "$(echo "$source"/dist/*.tar.gz)") bytes"

cd "$folder"
rm -rf run bundle forecast.csv
cp "$source/sample_data/co2_weekly.csv" .

"$python" -m venv --clear train
train/bin/pip install --quiet --disable-pip-version-check "$@" "$wheel[train,cpu]"
train/bin/forecaster --version
train/bin/forecaster forecast co2_weekly.csv --pretrained --quiet
train/bin/forecaster fit co2_weekly.csv --fast --quiet
train/bin/forecaster export --quiet
train/bin/forecaster forecast co2_weekly.csv --quiet
test "$(wc -l < forecast.csv)" -eq 53
train/bin/python - <<'END'
from forecaster import Forecaster, Predictor

model = Forecaster(horizon=52, effort="fast").fit("co2_weekly.csv")
model.predict()
model.export("bundle")
assert Predictor.load("bundle").forecast([371.2, 371.5, 371.9], horizon=4).median.shape == (1, 4)
END
say "train: fit, export, forecast, Python"

"$python" -m venv --clear runtime
runtime/bin/pip install --quiet --disable-pip-version-check "$@" "$wheel[cpu]"
runtime/bin/forecaster --version
runtime/bin/forecaster --help > help.txt
runtime/bin/forecaster check run/bundle > /dev/null
cut -d, -f2 co2_weekly.csv | sed '1s/.*/value/' > values.csv
runtime/bin/forecaster forecast values.csv
test "$(wc -l < forecast.csv)" -eq 53
runtime/bin/python -c 'from forecaster import Predictor; Predictor.load("run/bundle")'
say "runtime: $(runtime/bin/pip list --format freeze | tr '\n' ' ')"

runtime/bin/pip install --quiet --disable-pip-version-check "$@" "$wheel[serve,cpu]"
runtime/bin/forecaster serve --port 0 --drain 0 2> serve.log &
for _ in $(seq 100); do grep -q '"serving"' serve.log && break || sleep 0.2; done
grep -q '"serving"' serve.log
kill $!
wait $!
say "serve: started, and ended by SIGTERM"
