/** The page: data in, a forecast out. What a person does changes `state`, and each step leads to the next. */

import { choices, forecastOf, writeCsv } from "./answer.js";
import { Chart } from "./chart.js";
import { guessRoles } from "./columns.js";
import { DataProblem, readTable } from "./csv.js";
import { exampleOf } from "./example.js";
import { listen } from "./intake.js";
import { longestHorizon, readSeries, requestOf } from "./series.js";
import { Refused, Service } from "./service.js";
import { showColumns, showForecast, showGiven, showModel, showOptions, showPoint } from "./show.js";
import { span, timeFormat } from "./words.js";

const PATIENCE = 150; // milliseconds that a slider rests before it counts
const RECENT = { horizons: 4, seasons: 2, steps: 24 }; // of history that are drawn, whichever is most
const EXAMPLE = "An example";

const element = (id) => document.getElementById(id);
const service = new Service();
const chart = new Chart(element("chart"), (point) => showPoint(point, state.writeTime, state.write));
const state = {
  models: [], // all of the service
  model: null, // the one that is asked
  name: "", // of the data
  table: null, // the data as cells
  roles: null, // which column is what
  several: [], // columns that are meant by all of them
  found: null, // the series in the table
  horizon: null, // steps; null as trained
  choices: [], // forecasts of the service, a curve each
  drawn: 0, // the one that is shown
  writeTime: String, // how its times and numbers are written
  write: String,
  asking: new AbortController(), // of the request under way
  timer: 0, // until the next one
};

async function start() {
  try {
    state.models = await service.models();
  } catch (problem) {
    element("authorization").hidden = problem.status !== 401;
    if (problem.status === 401) element("token").focus();
    const isFirst = problem.status === 401 && element("token").value === "";
    return say(isFirst ? "" : problem.message);
  }
  say("");
  element("authorization").hidden = true;
  element("input").hidden = false;
  element("about").hidden = false;
  element("choose-model").hidden = state.models.length < 2;
  showOptions(
    element("model"),
    state.models.map(({ name }, place) => [place, name]),
    0,
  );
  chooseModel(0);
}

function chooseModel(place) {
  state.model = state.models[place];
  state.horizon = null;
  showModel(state.model);
  if (state.name === EXAMPLE) load(EXAMPLE, exampleOf(state.model));
  else if (state.table) attempt(understand);
}

/** Turn a text into a table, and pass it on. */
function load(name, text) {
  attempt(() => {
    const table = readTable(text);
    element("columns").open = false;
    Object.assign(state, { name, table });
    understand();
  });
}

/** The columns of a new table, or of a table for a new model. */
function understand() {
  const { table, model } = state;
  state.roles = guessRoles(table, model);
  state.drawn = 0;
  state.several = showColumns(table, state.roles, model);
  compute();
}

/** Series of the table, and a forecast of them. */
function compute() {
  const hadFocus = element("input").contains(document.activeElement);
  for (const id of ["result", "values", "input"]) element(id).hidden = true;
  element("given").hidden = false;
  element("given-name").textContent = state.name;
  if (hadFocus) element("given-name").focus(); // or it would be lost with what had it
  element("given-facts").textContent = "";
  state.found = readSeries(state.table, state.roles, state.model);
  state.writeTime = timeFormat(state.model, state.roles.time !== null);
  showGiven(state.name, state.found, state.table, state.writeTime);
  const longest = longestHorizon(state.found.series, state.model);
  const horizon = Math.min(state.horizon ?? state.model.horizon, longest);
  for (const id of ["horizon", "horizon-number"]) element(id).max = longest;
  setHorizon(horizon);
  ask();
}

function setHorizon(horizon) {
  state.horizon = horizon;
  element("horizon").value = horizon;
  element("horizon").setAttribute("aria-valuetext", span(horizon, state.model.step));
  element("horizon-number").value = horizon;
  element("horizon-text").textContent = span(horizon, state.model.step);
}

async function ask() {
  state.asking.abort();
  state.asking = new AbortController();
  const { found, horizon, model } = state;
  element("status").textContent = "Forecasting…";
  element("status").classList.toggle("unseen", !element("result").hidden); // a result fades instead
  element("result").setAttribute("aria-busy", "true");
  try {
    const items = found.series.map((series) => requestOf(series, horizon));
    const forecasts = await service.forecast(model, items, horizon, state.asking.signal);
    state.choices = choices(found.series, forecasts, model);
    say("");
    showAll();
  } catch (problem) {
    if (problem.name === "AbortError") return;
    if (!(problem instanceof Refused)) throw problem;
    element("status").textContent = "";
    say(problem.message);
  }
  element("result").setAttribute("aria-busy", "false");
}

function showAll() {
  element("choose-drawn").hidden = state.choices.length < 2;
  showOptions(
    element("drawn"),
    state.choices.map(({ label }, place) => [place, label]),
    state.drawn,
  );
  element("status").classList.add("unseen");
  element("result").hidden = false;
  element("values").hidden = false;
  show();
  element("status").textContent = `The forecast is there. ${element("summary").textContent}`;
}

function show() {
  const { model } = state;
  const choice = state.choices[state.drawn];
  const forecast = forecastOf(choice);
  const isTimed = state.roles.time !== null;
  const [writeTime, writeRow] = [state.writeTime, timeFormat(model, isTimed, true)];
  const recent = Math.max(RECENT.horizons * state.horizon, RECENT.seasons * model.season, RECENT.steps);
  const steps = element("range").value === "all" ? Infinity : recent;
  const curve = { x: choice.curve.x.slice(-steps), y: choice.curve.y.slice(-steps) };
  state.write = showForecast({ label: choice.label, forecast, model, writeTime, writeRow });
  chart.draw({ curve, forecast, isTime: isTimed && model.has_calendar, zone: model.timezone ?? "Etc/UTC" });
}

/** Problems of the data are told; all others are faults of the page, and go to the console. */
function attempt(step) {
  try {
    say("");
    step();
  } catch (problem) {
    if (!(problem instanceof DataProblem)) throw problem;
    say(problem.message);
    if (state.table && element("input").hidden) element("columns").open = true;
  }
}

function say(text) {
  element("problem").textContent = text;
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([writeCsv(state.choices)], { type: "text/csv" }));
  link.download = "forecast.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function otherData() {
  element("input").hidden = false;
  element("keep").hidden = false;
  element("given").hidden = true;
  element("text").focus();
}

function keepData() {
  element("input").hidden = true;
  element("given").hidden = false;
  element("other-data").focus();
}

function moveHorizon(event) {
  const wanted = Math.round(Number(event.target.value)) || state.horizon;
  setHorizon(Math.min(Math.max(wanted, 1), Number(event.target.max)));
  clearTimeout(state.timer);
  state.timer = setTimeout(ask, PATIENCE);
}

function chooseColumns() {
  const place = (id) => (element(id).value === "" ? null : Number(element(id).value));
  const target = element("target").value;
  const targets = state.model.joint ? state.roles.targets : target === "all" ? state.several : [Number(target)];
  state.roles = { time: place("time"), series: place("series"), targets };
  state.drawn = 0;
  attempt(compute);
}

const on = (id, kind, act) => element(id).addEventListener(kind, act);
on("authorization", "submit", (event) => {
  event.preventDefault();
  say("");
  service.token = element("token").value;
  start();
});
on("model", "change", (event) => chooseModel(Number(event.target.value)));
on("other-data", "click", otherData);
on("keep", "click", keepData);
on("horizon", "input", moveHorizon);
on("horizon-number", "change", moveHorizon);
on("range", "change", show);
on("drawn", "change", (event) => {
  state.drawn = Number(event.target.value);
  show();
});
on("download", "click", download);
for (const id of ["time", "series", "target"]) on(id, "change", chooseColumns);

listen({
  load: (name, text) => state.model && load(name, text),
  attempt,
  example: () => load(EXAMPLE, exampleOf(state.model)),
});
start();
