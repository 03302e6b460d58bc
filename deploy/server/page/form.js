/** Which column is what: in a line, as a question where nothing tells, and as a form. */

import { covariates, numericColumns, place } from "./columns.js";
import { showOptions } from "./show.js";
import { isEither } from "./times.js";
import { listed } from "./words.js";

const DECIMALS = [
  [".", "point: 1.5"],
  [",", "comma: 1,5"],
];
const DATES = [
  ["", "as the steps tell"],
  ["day first", "day first: 31/1/2024"],
  ["month first", "month first: 1/31/2024"],
];

const element = (id) => document.getElementById(id);

/** choose(field, value): a field of guessRoles is chosen; candidates(): columns that are meant by all. */
export function listenToColumns(choose, candidates) {
  const on = (id, act) => element(id).addEventListener("change", (event) => act(event.target.value));
  const place = (value) => (value === "" ? null : Number(value));
  on("time", (value) => choose("time", place(value)));
  on("series", (value) => choose("series", place(value)));
  on("decimal", (value) => choose("decimal", value));
  on("dates", (value) => choose("dates", value === "" ? null : value));
  on("target", (value) => {
    if (value !== "") choose("targets", value === "all" ? candidates() : [Number(value)]);
  });
}

/** Which column is what, what else it might be, and in a line which it is. */
export function showColumns(table, roles, model) {
  const all = table.columns.map((name, place) => [place, name]);
  showOptions(element("time"), [["", "none: count rows"], ...all], roles.time ?? "");
  showOptions(element("series"), [["", "none: one series"], ...all], roles.series ?? "");
  const numeric = numericColumns(table).filter((place) => place !== roles.time);
  const options = numeric.map((place) => [place, table.columns[place]]);
  const { candidates, targets } = roles;
  const several = model.joint ? targets : candidates;
  const isAll = targets.length > 1;
  if (several.length > 1) options.unshift(["all", `all: ${listed(several.map((place) => table.columns[place]))}`]);
  if (targets.length === 0) options.unshift(["", "choose one"]);
  showOptions(element("target"), options, isAll ? "all" : (targets[0] ?? ""));
  element("target").disabled = model.joint;
  showOptions(element("decimal"), DECIMALS, roles.decimal);
  element("choose-dates").hidden = !isEither(roles.forms);
  showOptions(element("dates"), DATES, roles.dates ?? "");
  element("columns-facts").textContent = columnsInWords(table, roles, model);
}

function columnsInWords(table, { time, series, targets }, model) {
  const name = (place) => listed([table.columns[place]]);
  const parts = [time === null ? "no time" : `time ${name(time)}`];
  if (series !== null) parts.push(`series ${name(series)}`);
  parts.push(targets.length === 0 ? "values to be chosen" : `values ${listed(targets.map((at) => table.columns[at]))}`);
  const used = new Set([time, series, ...targets, ...covariates(model).map((one) => place(table, one))]);
  const unused = table.columns.filter((_, at) => !used.has(at));
  if (unused.length > 0 && targets.length > 0) parts.push(`not used ${listed(unused)}`);
  return `Columns: ${parts.join(", ")}`;
}

/** What a person has to say before there is a forecast: {field, text}, or null. */
export function showQuestion(question) {
  element("question").textContent = question?.text ?? "";
  for (const id of ["time", "target"]) element(id).toggleAttribute("aria-describedby", false);
  if (question === null) return;
  element("columns").open = true;
  element(question.field).setAttribute("aria-describedby", "question");
  element(question.field).focus();
}
