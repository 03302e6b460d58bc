/** The page: data in, a forecast out. What a person does changes `state`, and each step leads to the next. */

import { choices, download, forecastOf } from "./answer.js";
import { Chart } from "./chart.js";
import { guessRoles } from "./columns.js";
import { DataProblem, readTable } from "./csv.js";
import { exampleOf } from "./example.js";
import { listenToColumns, showColumns, showQuestion } from "./form.js";
import { listen } from "./intake.js";
import { say, tell } from "./messages.js";
import { notesOf, notesOfDrawn } from "./notes.js";
import { longestHorizon, readSeries } from "./series.js";
import { Refused, Service } from "./service.js";
import { showForecast, showGiven, showModel, showNotes, showOptions, showPoint } from "./show.js";
import { counted, span, timeFormat } from "./words.js";

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
  chosen: {}, // what a person said of its columns
  roles: null, // which column is what
  found: null, // the series in the table
  notes: [], // what was decided without a person
  horizon: null, // steps; null as trained
  choices: [], // forecasts of the service, a curve each
  drawn: 0, // the one that is shown
  writeTime: String, // how its times and numbers are written
  write: String,
  reading: null, // the data that are being read
  asking: new AbortController(), // of the request under way
  timer: 0, // until the next one
};

async function start() {
  say("");
  try {
    state.models = await service.models();
  } catch (problem) {
    if (problem.status === 401 && element("token").value === "") return askToken("");
    return refuse(problem, start);
  }
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

function askToken(text) {
  element("authorization").hidden = false;
  element("token").focus();
  say(text);
}

function chooseModel(place) {
  state.model = state.models[place];
  state.horizon = null;
  showModel(state.model);
  if (state.name === EXAMPLE) example();
  else if (state.table) attempt(understand);
}

const example = () => read(EXAMPLE, () => exampleOf(state.model));

/** Turn a text into a table, and pass it on; of data that are read at the same time the later count. */
async function read(name, textOf) {
  if (state.model === null) return;
  const reading = (state.reading = {});
  say("");
  tell(`Reading ${name}…`);
  await new Promise((go) => setTimeout(go)); // until that is drawn
  try {
    const text = await textOf();
    if (state.reading !== reading) return;
    const table = readTable(text);
    Object.assign(state, { name, table });
  } catch (problem) {
    if (!(problem instanceof DataProblem)) throw problem;
    if (state.reading !== reading) return;
    tell("");
    const isOther = !element("result").hidden && state.name !== name;
    return say(problem.message + (isOther ? ` Below is still the forecast of ${state.name}.` : ""));
  }
  element("columns").open = false;
  attempt(understand);
}

/** The columns of a new table, or of a table for a new model. */
function understand() {
  state.chosen = {};
  compute();
}

/** Series of the table, and a forecast of them, unless a person has to say what is what. */
function compute() {
  const { table, model } = state;
  state.asking.abort(); // it is of other data
  clearTimeout(state.timer);
  tell("");
  const hadFocus = element("input").contains(document.activeElement);
  for (const id of ["result", "values", "input"]) element(id).hidden = true;
  element("given").hidden = false;
  element("given-name").textContent = state.name;
  if (hadFocus) element("given-name").focus(); // or it would be lost with what had it
  element("given-facts").textContent = counted(table.rows.length, "row");
  state.drawn = 0;
  state.roles = guessRoles(table, model, state.chosen);
  showColumns(table, state.roles, model);
  showQuestion(state.roles.question);
  if (state.roles.question !== null) return;
  state.found = readSeries(table, state.roles, model);
  state.writeTime = timeFormat(model, state.roles.time !== null);
  showGiven(state.name, state.found, table, state.writeTime);
  const longest = longestHorizon(state.found.series, model);
  state.notes = notesOf({ table, roles: state.roles, model, found: state.found, longest });
  const horizon = Math.min(state.horizon ?? model.horizon, longest);
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
  say("");
  tell("Forecasting…");
  element("result").setAttribute("aria-busy", "true");
  try {
    const forecasts = await service.forecast(model, found.series, horizon, state.asking.signal);
    state.choices = choices(found.series, forecasts, model);
    showAll();
  } catch (problem) {
    if (problem.name === "AbortError") return;
    tell("");
    refuse(problem, ask);
  }
  element("result").setAttribute("aria-busy", "false");
}

/** An answer of the service that is none; what a person gave stays. */
function refuse(problem, act) {
  if (!(problem instanceof Refused)) throw problem;
  const before = element("result").hidden ? "" : " Below is still the forecast that was there before.";
  if (problem.status === 401) return askToken(problem.message);
  say(problem.message + before, problem.isPassing ? act : null);
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
  const warnings = [...document.querySelectorAll("#notes .warning")].map(({ textContent }) => textContent);
  element("status").textContent = ["The forecast is there.", element("summary").textContent, ...warnings].join(" ");
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
  state.write = showForecast({ title: choice.title, forecast, model, writeTime, writeRow });
  showNotes([...state.notes, ...notesOfDrawn(choice.series, model, state.choices.length)]);
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

/** field: of guessRoles, by what was chosen; all others follow. */
function choose(field, value) {
  state.chosen = { ...state.chosen, [field]: value };
  attempt(compute);
}

const on = (id, kind, act) => element(id).addEventListener(kind, act);
on("authorization", "submit", (event) => {
  event.preventDefault();
  service.token = element("token").value;
  element("authorization").hidden = state.model !== null;
  if (state.model === null) start();
  else ask();
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
on("download", "click", () => download(state.choices));

listen({ read, example });
listenToColumns(choose, () => state.roles.candidates);
start();
