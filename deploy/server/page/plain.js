/** The plainest files, read in the browser where the service reads none: dates as 2024-01-31, numbers as 1234.5.
 *
 * There is no guesser here: what is written otherwise is refused, and `forecaster serve` reads it.
 */

import { DataProblem, readTable } from "./csv.js";
import { placeRows } from "./grid.js";
import { timeOf } from "./times.js";
import { listed } from "./words.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SERIES = "series"; // the column of that name tells series apart
const MORE = "This page reads plain CSV; `forecaster serve` reads most other forms of files, times and numbers.";

/**
 * What POST /read would answer for a text. chosen: of its query, of which time, series and target count.
 *
 * Raises DataProblem.
 */
export function readPlain(text, model, chosen) {
  let columns = [];
  try {
    const table = readTable(text);
    ({ columns } = table);
    return answerOf(table, model, chosen);
  } catch (problem) {
    if (!(problem instanceof DataProblem)) throw problem;
    throw new DataProblem(`${problem.message} ${MORE}`, { columns, step: problem.step });
  }
}

function answerOf(table, model, chosen) {
  const roles = rolesOf(table, model, chosen);
  const columns = {
    all: table.columns,
    numbers: table.columns.filter((name) => isNumeric(table, name)),
    taken: Object.fromEntries(roles.covariates.filter(([, there]) => there !== null)),
    time: roles.time === null ? [] : [roles.time],
    series: roles.series === null ? [] : [roles.series],
    targets: roles.targets,
    is_own: roles.isOwn,
  };
  const answer = { understood: { layout: "long" }, notes: notesOf(table, roles, model), columns, coming: [] };
  if (roles.targets.length === 0) return { ...answer, times: [], series: [] };
  return { ...answer, ...seriesOf(table, roles, model) };
}

/** The column of that name, whatever its case; null if it is not there, or is there in several cases. */
function alike(table, name) {
  if (table.columns.includes(name)) return name;
  const found = table.columns.filter((column) => column.toLowerCase() === name.toLowerCase());
  return found.length === 1 ? found[0] : null;
}

function rolesOf(table, model, chosen) {
  const first = (names) => names.map((name) => alike(table, name)).find((name) => name !== null) ?? null;
  const only = ([name]) => (name === "" ? null : name);
  const time = chosen.time ? only(chosen.time) : (first([model.time ?? ""]) ?? findTime(table, model));
  const series = chosen.series ? only(chosen.series) : first([...model.series, SERIES]);
  const covariates = [...model.known, ...model.past, ...model.static.map((column) => column.name)].map((name) => [
    name,
    alike(table, name),
  ]);
  const taken = new Set([time, series, ...covariates.map(([, there]) => there)]);
  const own = model.targets.map((name) => alike(table, name)).filter((name) => name !== null && !taken.has(name));
  const isOwn = own.length === model.targets.length;
  const there = `There are ${listed(table.columns)}.`;
  if (model.joint && !isOwn)
    throw new DataProblem(`The model forecasts ${listed(model.targets)} together. ${there}`);
  const free = table.columns.filter((name) => !taken.has(name) && isNumeric(table, name));
  if (!isOwn && free.length === 0 && !chosen.target)
    throw new DataProblem(`No column holds numbers. Expected one of values. ${there}`);
  const targets = model.joint ? own : (chosen.target ?? (isOwn ? own : free.length === 1 ? free : []));
  return { time, series, covariates, targets, isOwn };
}

const cellsOf = (table, name) => {
  const at = table.columns.indexOf(name);
  return table.rows.map(({ cells }) => cells[at]);
};

function isNumeric(table, name) {
  const filled = cellsOf(table, name).filter((cell) => cell !== "");
  return filled.length > 0 && filled.filter((cell) => NUMBER.test(cell)).length > filled.length / 2;
}

/** The first column of dates, which a model without a calendar does not have. */
function findTime(table, model) {
  if (!model.has_calendar) return null;
  return table.columns.find((name) => timeOf(table.rows[0].cells[table.columns.indexOf(name)], true)) ?? null;
}

function notesOf(table, roles, model) {
  const said = [];
  if (roles.time === null) said.push(`No column is the time: a row is taken as ${model.step.text}, in their order.`);
  const zoned = model.timezone || roles.time === null ? undefined : cellsOf(table, roles.time).find((cell) => timeOf(cell, true)?.utc != null);
  if (zoned !== undefined) said.push(`The model has no time zone: the offset of times such as ${zoned} is not used.`);
  const lacking = roles.covariates.filter(([, there]) => there === null).map(([name]) => name);
  if (lacking.length > 0) said.push(`Without ${listed(lacking)}: no column is called so.`);
  return said.map((text) => ({ text, options: [] }));
}

/** {series, times, step} of the answer. */
function seriesOf(table, roles, model) {
  const numbers = columnsOf(table, roles, model);
  const keys = roles.series === null ? null : cellsOf(table, roles.series);
  const { step, groups } = placeRows(table, roles.time, keys, model);
  const wanted = model.joint ? [roles.targets] : roles.targets.map((name) => [name]);
  const found = wanted.flatMap((targets) =>
    groups.map((group) => oneSeries({ table, model, numbers, roles }, group, targets)),
  );
  const series = found.filter((one) => one !== null);
  if (series.length === 0) throw new DataProblem(`Column "${roles.targets[0]}" holds no value.`);
  return { series: series.map((one, place) => ({ ...one, times: place })), times: series.map((one) => one.times), step };
}

/** By column of the file that the model takes: a number a row, null where the cell is empty. */
function columnsOf(table, roles, model) {
  const needed = new Set([...model.known, ...model.past]);
  const lacking = roles.covariates.find(([name, there]) => there === null && needed.has(name));
  if (lacking !== undefined) {
    const there = table.columns.join(", ");
    throw new DataProblem(`The model needs the covariate "${lacking[0]}", and no column is called so: ${there}.`);
  }
  const texts = new Set(model.static.filter(({ categories }) => categories !== null).map(({ name }) => name));
  const names = roles.covariates.filter(([name, there]) => there !== null && !texts.has(name)).map(([, there]) => there);
  return new Map([...roles.targets, ...names].map((name) => [name, numbersOf(table, name)]));
}

function numbersOf(table, name) {
  const cells = cellsOf(table, name);
  const wrong = cells.flatMap((cell, row) => (cell === "" || NUMBER.test(cell) ? [] : [row]));
  if (wrong.length === 0) return cells.map((cell) => (cell === "" ? null : Number(cell)));
  const more = wrong.length > 1 ? ` So are ${wrong.length - 1} more.` : "";
  throw new DataProblem(
    `Line ${table.rows[wrong[0]].line}, column "${name}": "${cells[wrong[0]]}" is no number.${more} ` +
      "Expected a number such as 1234.5, or an empty cell where nothing was observed.",
  );
}

/** A series of the answer, or null where nothing of it was observed. group: of placeRows. */
function oneSeries({ table, model, numbers, roles }, { key, rows, timeAt }, targets) {
  const isSeen = (row) => row !== null && targets.some((name) => numbers.get(name)[row] !== null);
  const [begin, last] = [rows.findIndex(isSeen), rows.findLastIndex(isSeen)];
  if (last < 0) return null;
  const steps = rows.slice(begin, last + 1);
  const over = (name, some) => some.map((row) => (row === null ? null : numbers.get(name)[row]));
  const there = new Map(roles.covariates);
  const named = (names, some) => Object.fromEntries(names.map((name) => [name, over(there.get(name), some)]));
  const values = targets.map((name) => over(name, steps));
  const request = { values: model.joint ? Object.fromEntries(model.targets.map((name, at) => [name, values[at]])) : values[0] };
  const times = steps.map((_, step) => timeAt(begin + step));
  if (roles.time !== null) request.last_timestamp = times.at(-1);
  if (model.known.length > 0) {
    request.known = named(model.known, steps);
    const ahead = named(model.known, rows.slice(last + 1, last + 1 + model.max_horizon));
    const ends = Object.values(ahead).map((one) => (one.includes(null) ? one.indexOf(null) : one.length));
    request.future_known = Object.fromEntries(
      Object.entries(ahead).map(([name, one]) => [name, one.slice(0, Math.min(...ends))]),
    );
  }
  if (model.past.length > 0) request.past = named(model.past, steps);
  if (model.static.length > 0) request.static = staticOf({ table, model, numbers, there }, rows);
  const several = !model.joint && roles.targets.length > 1;
  return {
    key: roles.series === null ? {} : { [roles.series]: key },
    target: several ? targets[0] : null,
    after: rows.length - last - 1,
    request,
    times,
  };
}

/** The first value of each static column that has one. */
function staticOf({ table, model, numbers, there }, rows) {
  const found = model.static
    .filter(({ name }) => there.get(name) !== null)
    .map(({ name }) => {
      const column = numbers.get(there.get(name)) ?? cellsOf(table, there.get(name));
      const row = rows.find((one) => one !== null && column[one] !== null && column[one] !== "");
      return [name, row === undefined ? null : column[row]];
    });
  return Object.fromEntries(found.filter(([, value]) => value !== null));
}

