/** The page: data in, a forecast out. What a person does changes `state`, and each step leads to the next. */

import { choices, download, forecastOf, rowTimes } from "./answer.js";
import { Chart } from "./chart.js";
import { DataProblem } from "./csv.js";
import { EXAMPLE, exampleOf } from "./example.js";
import { listenToColumns, showColumns, showQuestion } from "./form.js";
import { listen } from "./intake.js";
import { say, tell } from "./messages.js";
import { notesOf, notesOfDrawn } from "./notes.js";
import { modelsOf, readData, unknownColumns, withOption } from "./reading.js";
import { Refused } from "./refused.js";
import { longestHorizon } from "./series.js";
import { Service } from "./service.js";
import { showForecast, showGiven, showModel, showNotes, showOptions, showPoint } from "./show.js";
import { Unusual } from "./unusual.js";
import { Why } from "./why.js";
import { span, timeFormat } from "./words.js";

const PATIENCE = 150; // milliseconds that a slider rests before it counts
const RECENT = { horizons: 4, seasons: 2, steps: 24 }; // of history that are drawn, whichever is most

const element = (id) => document.getElementById(id);
const service = new Service();
const chart = new Chart(element("chart"), (point) => showPoint(point, state.writeTime, state.write));
const why = new Why(service, chart);
const unusual = new Unusual(service, chart);
const state = {
  models: [], // all of the service
  model: null, // the one that is asked
  isChosen: false, // whether a person chose it
  source: null, // the data: {name, blob}
  chosen: {}, // what a person said of them
  found: null, // what was understood of them
  notes: [], // what was decided without a person
  horizon: null, // steps; null as trained
  choices: [], // forecasts of the service, a curve each
  drawn: 0, // the one that is shown
  writeTime: String, // how its times and numbers are written
  write: String,
  reading: null, // the data that are being read
  asking: new AbortController(), // of the request under way
  timer: 0, // until the next one
  retry: null, // what a token was asked for
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

function setModel(place) {
  state.model = state.models[place];
  state.horizon = null;
  showModel(state.model, service.reads);
}

function chooseModel(place) {
  setModel(place);
  if (state.source?.name === EXAMPLE) example();
  else if (state.source) understand(state.source, {});
}

function changeModel(place) {
  element("model").value = place;
  chooseModel(place);
  state.isChosen = true; // for the data that are there
}

/** Turn to the model that has the step of data, where a person chose none and nothing was fitted; whether there is one. */
function turnTo(step) {
  if (state.isChosen || !state.model.pretrained || step === state.model.step.text) return false;
  const place = state.models.findIndex((model) => model.pretrained && model.step.text === step);
  if (place < 0) return false;
  element("model").value = place;
  setModel(place);
  return true;
}

const example = () => read(EXAMPLE, async () => new Blob([await exampleOf(state.model)]));

/** Take the bytes of data, for whichever model has their step, and pass them on; of data that are taken at the same time the later count. */
async function read(name, blobOf) {
  if (state.model === null) return;
  state.isChosen = false;
  const reading = (state.reading = {});
  say("");
  tell(`Reading ${name}…`);
  try {
    const blob = await blobOf();
    if (state.reading !== reading) return;
    await understand({ name, blob }, {});
  } catch (problem) {
    if (!(problem instanceof DataProblem)) throw problem;
    if (state.reading === reading) keepBefore(problem, { name });
  }
}

/** Series of data in columns that were chosen or found, and a forecast of them. */
async function understand(source, chosen) {
  const reading = (state.reading = {});
  state.asking.abort(); // it is of other data
  state.asking = new AbortController();
  clearTimeout(state.timer);
  say("");
  tell(`Reading ${source.name}…`);
  try {
    const found = await readData(service, source, state.model, chosen, state.asking.signal);
    if (state.reading !== reading) return;
    if (turnTo(found.step)) return understand(source, chosen);
    compute(source, chosen, found);
  } catch (problem) {
    if (problem.name === "AbortError" || state.reading !== reading) return;
    tell("");
    if (!(problem instanceof DataProblem)) return refuse(problem, () => understand(source, chosen));
    if (turnTo(problem.step)) return understand(source, chosen);
    if (problem.columns.length === 0) return keepBefore(problem, source);
    showSource(source, chosen);
    showColumns({ columns: unknownColumns(problem.columns, chosen), question: null }, state.model, chosen, service.reads);
    element("columns").open = true;
    say(problem.message, null, [...problem.options, ...modelsOf(state.models, problem.step)]);
  }
}

/** Say why data are not understood at all; what was there before stays. */
function keepBefore(problem, { name }) {
  tell("");
  const isOther = !element("result").hidden && state.source.name !== name;
  say(problem.message + (isOther ? `\nBelow is still the forecast of ${state.source.name}.` : ""), null, problem.options);
}

/** Take data as those that are shown. */
function showSource(source, chosen) {
  const hadFocus = element("input").contains(document.activeElement);
  if (state.source !== source) element("columns").open = false;
  Object.assign(state, { source, chosen, drawn: 0 });
  for (const id of ["result", "values", "input"]) element(id).hidden = true;
  element("given").hidden = false;
  element("given-name").textContent = source.name;
  element("given-facts").textContent = "";
  if (hadFocus) element("given-name").focus(); // or it would be lost with what had it
}

/** A forecast of what was understood, unless a person has to say what is what. */
function compute(source, chosen, found) {
  tell("");
  showSource(source, chosen);
  state.found = found;
  showColumns(found, state.model, chosen, service.reads);
  showQuestion(found.question);
  if (found.question !== null) return;
  state.writeTime = timeFormat(state.model, found.isTimed);
  showGiven(source.name, found, state.writeTime);
  const longest = longestHorizon(found.series, state.model);
  state.notes = notesOf(found, state.model, longest);
  for (const id of ["horizon", "horizon-number"]) element(id).max = longest;
  setHorizon(Math.min(state.horizon ?? state.model.horizon, longest));
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
    if (service.bundle !== model.bundle) await showReplaced(model.name);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    tell("");
    refuse(problem, ask);
  }
  element("result").setAttribute("aria-busy", "false");
}

/** Show the model that has taken the place of the one that the page knew. */
async function showReplaced(name) {
  state.models = await service.models();
  state.model = state.models.find((model) => model.name === name) ?? state.models[0];
  showModel(state.model, service.reads);
  tell(`Forecast by a new model: bundle ${state.model.bundle.slice(0, 12)}.`);
}

/** An answer of the service that is none; what a person gave stays. */
function refuse(problem, act) {
  if (!(problem instanceof Refused)) throw problem;
  const before = element("result").hidden ? "" : " Below is still the forecast that was there before.";
  state.retry = act;
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
  const warnings = [...document.querySelectorAll("#notes .warning")].map(({ firstChild }) => firstChild.textContent);
  element("status").textContent = ["The forecast is there.", element("summary").textContent, ...warnings].join(" ");
}

function show() {
  const { model, found } = state;
  const choice = state.choices[state.drawn];
  const forecast = forecastOf(choice);
  const { horizons, seasons, steps: least } = RECENT;
  const recent = Math.max(horizons * state.horizon, seasons * model.season, least, model.horizon); // all that may be marked
  const steps = element("range").value === "all" ? Infinity : recent;
  const curve = { x: choice.curve.x.slice(-steps), y: choice.curve.y.slice(-steps) };
  const times = rowTimes(choice, timeFormat(model, found.isTimed, true));
  state.write = showForecast({ title: choice.title, forecast, model, writeTime: state.writeTime, times });
  showNotes([...state.notes, ...notesOfDrawn(choice.series, model, state.choices.length)]);
  chart.draw({ curve, forecast, isTime: found.isTimed && model.has_calendar, zone: model.timezone ?? "Etc/UTC" });
  unusual.take({ model, choice, writeTime: state.writeTime, write: state.write });
  why.take({ model, choice, write: state.write, texts: times.texts });
}

function moveHorizon(event) {
  const wanted = Math.round(Number(event.target.value)) || state.horizon;
  setHorizon(Math.min(Math.max(wanted, 1), Number(event.target.max)));
  clearTimeout(state.timer);
  state.timer = setTimeout(ask, PATIENCE);
}

/** name: of the query of POST /read; undefined: as found. */
function choose(name, value) {
  const { [name]: _, ...others } = state.chosen;
  understand(state.source, value === undefined ? others : { ...others, [name]: value });
}

const on = (id, kind, act) => element(id).addEventListener(kind, act);
on("authorization", "submit", (event) => {
  event.preventDefault();
  service.token = element("token").value;
  element("authorization").hidden = state.model !== null;
  (state.retry ?? start)();
});
on("model", "change", (event) => changeModel(Number(event.target.value)));
for (const [id, kind] of [["horizon", "input"], ["horizon-number", "change"]]) on(id, kind, moveHorizon);
on("range", "change", show);
on("drawn", "change", (event) => {
  state.drawn = Number(event.target.value);
  show();
});
on("download", "click", () => download(state.choices, state.found.columns.time[0]));
for (const id of ["notes", "cures"])
  on(id, "click", ({ target: { dataset } }) => {
    if (dataset.option === "model") changeModel(state.models.findIndex(({ name }) => name === dataset.value));
    else if (dataset.option)
      understand(state.source, withOption(state.chosen, { name: dataset.option, value: dataset.value }));
  });

listen({ read, example, largest: () => service.largestFile });
listenToColumns(choose);
start();
