/** What is shown: the facts of a model, its controls, a forecast in words and as a table. */

import { intervals } from "./answer.js";
import { chance, count, counted, numberFormat, percent, span } from "./words.js";

const LISTED = 5; // unusual values

const PLAIN =
  "This page reads plain CSV, with dates such as 2024-01-31 and numbers such as 1234.5; `forecaster serve` reads more.";
const PRETRAINED = "This model is pretrained and not fitted on any data; one that is fitted on yours knows them better.";

const element = (id) => document.getElementById(id);

/** Choices of a select: [[value, text]]; hidden with its field where there is nothing to choose. */
export function showOptions(select, options, chosen) {
  select.replaceChildren(
    ...options.map(([value, text]) => new Option(text, value, false, String(value) === String(chosen))),
  );
}

/** What the model is, for its reader. reads: what files the service reads, or null. */
export function showModel(model, reads) {
  const list = (names) => names.join(", ");
  const step = model.step.text;
  const facts = [
    ["Name", model.name],
    ["Step", step],
    ["Looks back", span(model.context_length, model.step)],
    ["Looks ahead", `${span(model.horizon, model.step)}, ${count(model.max_horizon)} at most`],
    ["Target", list(model.targets) + (model.joint ? ", together" : "")],
    ["Known ahead", list(model.known)],
    ["Past", list(model.past)],
    ["Static", list(model.static.map((column) => column.name))],
    ["Time zone", model.timezone ?? ""],
    ["Fitted on", model.pretrained ? "nothing: it learned from made-up series" : ""],
    ["Intervals", model.calibrated || model.pretrained ? "" : "not calibrated: the fit could hold out too few values"],
    ["Networks", model.members > 1 ? count(model.members) : ""],
    ["Values", model.positive ? "above 0" : model.lower === null ? "" : `${count(model.lower)} and above`],
    ["Runs on", model.provider.replace("ExecutionProvider", "")],
    ["Bundle", model.bundle.slice(0, 12)],
  ];
  element("facts").replaceChildren(...facts.filter(([, text]) => text !== "").map(([name, text]) => fact(name, text)));
  element("lead").textContent =
    `One value every ${step.replace(/^1 /, "")}, up to ${span(model.max_horizon, model.step)} ahead.` +
    (model.pretrained ? ` ${PRETRAINED}` : "");
  element("input-note").textContent = wanted(model, reads);
  element("file").accept = (reads?.endings ?? [".csv", ".tsv", ".txt"]).join(",");
}

/** What a file has to bring. */
function wanted(model, reads) {
  const columns = [...model.known, ...model.past, ...(model.joint ? model.targets : [])];
  const needs = columns.length > 0 ? ` The model needs the columns ${columns.join(", ")}.` : "";
  const ahead =
    model.known.length > 0 ? ` ${model.known.join(", ")} also for the steps to come, in rows without a value.` : "";
  const every = model.step.text.replace(/^1 /, "");
  const rows = "a time, a value, and a column that tells series apart if there are several";
  const forms = reads === null ? PLAIN : formsOf(reads.endings);
  return `A row for every ${every}: ${rows}.${needs}${ahead} ${forms}`;
}

/** What files may be. */
function formsOf(endings) {
  const kinds = [["CSV or other text"], ["JSON", ".json"], ["Excel", ".xlsx"], ["Parquet", ".parquet"]];
  const there = kinds.filter(([, ending]) => ending === undefined || endings.includes(ending)).map(([kind]) => kind);
  return `It may be ${there.slice(0, -1).join(", ")} or ${there.at(-1)}, with dates and numbers as people write them.`;
}

/** What was decided without a person: [{text, isWarning, options}]. */
export function showNotes(notes) {
  element("notes").replaceChildren(
    ...notes.map(({ text, isWarning, options = [] }) => {
      const item = made("li", text, isWarning ? "warning" : "");
      if (options.length > 0) item.append(optionButtons(options));
      return item;
    }),
  );
}

/** Buttons that read the data otherwise: [{name, value}] of the query. */
export function optionButtons(options) {
  const row = made("span", "", "options");
  row.append(
    ...options.map(({ name, value }) => {
      const button = made("button", name === "time" && value === "" ? "Count the rows" : readingWith(name, value));
      button.type = "button";
      Object.assign(button.dataset, { option: name, value });
      return button;
    }),
  );
  return row;
}

/** What an option does, in words. */
function readingWith(name, value) {
  if (name === "model") return `Use the model ${value}`;
  if (name === "na") return `Read “${value}” as missing`;
  if (name === "time_format") return `Read times as ${value}`;
  return `Read with ${name} = ${value}`;
}

/** What was read. */
export function showGiven(name, { series, values, isTimed }, writeTime) {
  const parts = [counted(series.length, "series", "series"), counted(values, "value")];
  const ends = series.flatMap(({ curves }) => [curves[0].x[0], curves[0].x.at(-1)]);
  if (isTimed)
    parts.push(`${writeTime(least(ends))} to ${writeTime(-least(ends.map((x) => -x)))}`);
  element("given-name").textContent = name;
  element("given-facts").textContent = parts.join(", ");
}

/** A forecast in a sentence, in the legend, and row by row. times: {name, texts} of the rows. Gives how its numbers are written. */
export function showForecast({ title, forecast, model, writeTime, times }) {
  const [widest] = intervals(forecast.levels);
  const steps = forecast.median.length;
  const write = numberFormat([...forecast.median, ...(widest ? [...widest.low, ...widest.high] : [])]);
  element("result-title").textContent = title;
  const end =
    `${write(forecast.median.at(-1))}` +
    (widest
      ? `, with ${percent(widest.share)} between ${write(widest.low.at(-1))} and ${write(widest.high.at(-1))}`
      : "");
  const sentence = `In ${span(steps, model.step)}, at ${writeTime(forecast.x.at(-1))}: ${end}.`;
  element("summary").textContent = sentence;
  element("chart").setAttribute("aria-label", `History and forecast of ${title}. ${sentence}`);
  showKeys(forecast);
  showTable({ forecast, widest, write, times, title });
  return write;
}

function showKeys(forecast) {
  const pairs = intervals(forecast.levels);
  const shares = pairs.map(({ share }) => percent(share));
  const keys = [
    ["history", "history"],
    ["median", "median"],
  ];
  if (shares.length > 0)
    keys.push(["interval", shares.length > 1 ? `${shares.at(-1)} to ${shares[0]} intervals` : `${shares[0]} interval`]);
  element("keys").replaceChildren(...keys.map(([kind, text]) => made("li", text, kind)));
}

/** A what-if in the legend, where there is one. */
export function showWhatIf(isThere) {
  element("keys").querySelector(".what-if")?.remove();
  if (isThere) element("keys").append(made("li", "what if", "what-if"));
}

/** The values that are marked, in words and in the legend. judged: {count, error, rare}; null where nothing is known yet.
 *
 * rare: the p-value up to which values are marked; null where it says little, as intervals are not calibrated.
 */
export function showMarks(marks, judged, writeTime, write) {
  element("keys").querySelector(".unusual")?.remove();
  if (marks.length > 0) element("keys").append(made("li", "unusual value, and what was expected", "unusual"));
  element("unusual").textContent = judged === null ? "" : marksSentence(marks.length, judged);
  const items = marks.slice(-LISTED).map((mark) => made("li", `${writeTime(mark.x)}: ${write(mark.y)}, ${expectedOf(mark, write)}`));
  if (marks.length > LISTED) items.unshift(made("li", `${count(marks.length - LISTED)} before these`));
  element("unusual-values").replaceChildren(...items);
}

function marksSentence(marked, { count: judged, error, rare }) {
  if (error) return `Whether the last values are unusual is not known: ${error}.`;
  if (judged === 0) return "";
  const last = judged === 1 ? "The last value" : `the last ${count(judged)} values`;
  if (marked === 0) return judged === 1 ? `${last} is not unusual.` : `None of ${last} is unusual.`;
  const some = judged === 1 ? `${last} is` : `${count(marked)} of ${last} ${marked === 1 ? "is" : "are"}`;
  if (rare === null) return `${some} unusual for this model, whose intervals are not calibrated and may be too narrow.`;
  return `${some} unusual: of values like those before, fewer than 1 in ${count(1 / rare)} lie so far from their forecast.`;
}

/** What was expected of a value in place of it. */
function expectedOf({ p, low, high, share }, write) {
  const range = low === undefined ? "" : `${percent(share)} expected between ${write(low)} and ${write(high)}, `;
  return `${range}p ${chance(p)}`;
}

function showTable({ forecast, widest, write, times, title }) {
  const low = widest?.low,
    high = widest?.high;
  const names = [
    times.name,
    "Median",
    ...(widest ? [`Low ${percent(widest.share)}`, `High ${percent(widest.share)}`] : []),
  ];
  const head = document.createElement("thead");
  head.append(row(names.map((name) => scoped("col", name))));
  const body = document.createElement("tbody");
  body.append(
    ...times.texts.map((time, step) => {
      const values = [forecast.median[step], ...(widest ? [low[step], high[step]] : [])];
      return row([scoped("row", time), ...values.map((value) => made("td", write(value)))]);
    }),
  );
  const caption = made("caption", `Forecast of ${title}`, "unseen");
  element("table").replaceChildren(caption, head, body);
}

/** What is under the pointer; nothing where point is null. */
export function showPoint(point, writeTime, write) {
  if (point === null) return void (element("readout").textContent = "");
  const parts = [writeTime(point.x)];
  if (point.median === undefined) parts.push(Number.isFinite(point.history) ? write(point.history) : "no value");
  if (point.mark !== undefined) parts.push(`unusual: ${expectedOf(point.mark, write)}`);
  if (point.median !== undefined) parts.push(`median ${write(point.median)}`);
  if (point.low !== undefined)
    parts.push(`${percent(point.share)} between ${write(point.low)} and ${write(point.high)}`);
  element("readout").textContent = parts.join(", ");
}

const least = (values) => values.reduce((one, other) => Math.min(one, other));

function fact(name, text) {
  const div = document.createElement("div");
  div.append(made("dt", name), made("dd", text));
  return div;
}

function row(cells) {
  const tr = document.createElement("tr");
  tr.append(...cells);
  return tr;
}

function scoped(scope, text) {
  const th = made("th", text);
  th.scope = scope;
  return th;
}

function made(tag, text, kind = "") {
  const one = document.createElement(tag);
  one.textContent = text;
  one.className = kind;
  return one;
}
