/** The service of the page, in the browser itself: bundles by onnxruntime-web. What a visitor gives goes nowhere. */

import { forecast, open } from "./onnx/example.mjs";
import { relativeError, toTensor, toTensors } from "./onnx/golden.mjs";
import * as ort from "./onnx/ort.wasm.min.mjs";
import { Refused } from "./refused.js";
import { requestOf } from "./series.js";
import { shift } from "./steps.js";
import { timeOf, writeTime } from "./times.js";

const LARGEST = 64 * 2 ** 20; // bytes of a file
const ROOM = 16, // as in deploy/request/levels.py
  LARGEST_FLOAT32 = 2 ** 128;
const DIGITS = 7, // of float32
  MOST_PLACES = 100; // behind the point, that JavaScript writes
const MIDNIGHT = "T00:00:00";

ort.env.wasm.numThreads = 1; // more need headers that a folder of files does not send

export class Service {
  #opened = new Map(); // by model: what open_ promises
  bundle = null; // of the model that answered last
  explains = false;
  judges = false;
  reads = null; // the page reads plain files

  /** Bytes that a file may have. */
  get largestFile() {
    return LARGEST;
  }

  /** What the models are; the first is the default. Raises Refused. */
  async models() {
    return (await load("models.json")).json();
  }

  /** A forecast of each series of understand, in their order. Raises Refused. */
  async forecast(model, all, horizon, signal) {
    const { session } = await this.opened(model);
    const forecasts = [];
    for (const series of all) {
      await new Promise((resolve) => setTimeout(resolve)); // so that the page can be used meanwhile
      signal.throwIfAborted();
      forecasts.push(await forecastOf(session, model, series, horizon));
    }
    this.bundle = model.bundle;
    return forecasts;
  }

  /** {session, difference}: the graph of a model, and how far it is from its golden cases here. Raises Refused. */
  opened(model) {
    if (!this.#opened.has(model.name)) {
      const promise = openChecked(model);
      promise.catch(() => this.#opened.delete(model.name)); // so that it can be tried again
      this.#opened.set(model.name, promise);
    }
    return this.#opened.get(model.name);
  }
}

async function openChecked({ name, targets }) {
  const [manifest, golden, graph] = await Promise.all(
    ["manifest.json", "golden.json", "forecast.onnx"].map((file) => load(`models/${name}/${file}`)),
  );
  const { inputs } = (await manifest.json()).graphs["forecast.onnx"];
  const { cases, tolerance } = await golden.json();
  const session = await open(ort, new Uint8Array(await graph.arrayBuffer()));
  let difference = 0;
  for (const { inputs: given, outputs } of cases) {
    const { quantiles } = await session.run(toTensors(ort, inputs, given));
    const expected = toTensor(ort, "float32", outputs.quantiles);
    difference = Math.max(difference, relativeError(quantiles.data, expected.data, expected.dims));
  }
  if (!(difference <= tolerance))
    throw new Refused(422, `This browser forecasts ${targets[0]} otherwise than the model did when it was made: by ${difference}.`);
  return { session, difference };
}

/** What POST /forecast answers of one series. */
async function forecastOf(session, model, series, horizon) {
  const { values, last_timestamp: last } = requestOf(series, model, horizon);
  const seen = values.filter((value) => value !== null);
  if (seen.length === 0)
    throw new Refused(422, `“${series.title}”: none of the last ${values.length} values was observed.`);
  const level = levelOf(seen);
  const shown = values.map((value) => (value === null ? NaN : value - level));
  const rows = await forecast(ort, session, shown, horizon);
  if (!rows.every((row) => row.every(Number.isFinite)))
    throw new Refused(422, `“${series.title}”: its values are too large, or too far apart, for a forecast.`);
  const column = (place) => rows.map((row) => row[place] + level);
  const columns = legible(model.levels.map((_, place) => column(place)));
  const found = { median: columns[model.levels.indexOf(0.5)], quantiles: {} };
  model.levels.forEach((name, place) => (found.quantiles[name] = columns[place]));
  if (last !== undefined) found.timestamps = timesAfter(last, model, horizon);
  return found;
}

/** The last value, which float32 would not tell from its neighbours far from 0: the graph is shown what is left. */
function levelOf(seen) {
  const [low, high] = [Math.min, Math.max].map((pick) => seen.reduce((one, other) => pick(one, other)));
  return ROOM * (high - low) < LARGEST_FLOAT32 / 2 ? seen.at(-1) : 0;
}

/** Values to the digits that a model has, of each and of what they span: as deploy.forecast writes them. */
function legible(columns) {
  const all = columns.flat();
  const span = all.reduce((one, other) => Math.max(one, other)) - all.reduce((one, other) => Math.min(one, other));
  const rounded = (value) => {
    const known = Math.min(Math.abs(value), span || Infinity);
    const places = DIGITS - 1 - Math.floor(Math.log10(known));
    return Number(value.toFixed(Math.min(Math.max(places, 0), MOST_PLACES)));
  };
  return columns.map((values) => values.map(rounded));
}

/** The coming times as the service writes them: dates alone where all are at midnight. */
function timesAfter(last, model, horizon) {
  const start = model.has_calendar ? timeOf(last, true).local : last;
  const times = Array.from({ length: horizon }, (_, step) => shift(model.step, start, step + 1));
  if (!model.has_calendar) return times;
  const texts = times.map((time) => writeTime(time, false));
  const isOfDays = texts.every((text) => text.endsWith(MIDNIGHT));
  return isOfDays ? texts.map((text) => text.slice(0, -MIDNIGHT.length)) : texts;
}

/** A file of the page. Raises Refused. */
async function load(path) {
  const response = await fetch(path).catch(() => null);
  if (response?.ok) return response;
  throw new Refused(response?.status ?? 0, `${path} cannot be loaded${response ? `: ${response.status}` : ""}. Is there a network?`);
}
