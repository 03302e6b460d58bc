/** Which column of a table is what: the time, the series, the values, as a model wants them. */

import { isMissing, looksNumeric } from "./numbers.js";
import { formsOf, isPlainNumber } from "./times.js";

const TIME_NAME = /^(t|ds|time|date|datetime|timestamp|day|week|month|quarter|year|hour|step|index|period)\b/i;
const SAMPLE = 300; // rows that tell what a column is

/** {time, series, targets}: places of columns; time and series are null where there is none. */
export function guessRoles(table, model) {
  const taken = new Set(covariates(model).map((name) => place(table, name)));
  const time = findTime(table, model);
  const named = model.targets.map((name) => place(table, name));
  const hasTargets = named.every((one) => one >= 0 && one !== time);
  const isFree = (one) => one !== time && !taken.has(one) && !(hasTargets && named.includes(one));
  const free = table.columns.map((_, one) => one).filter(isFree);
  const series = findSeries(table, free, time, hasTargets) ?? findSeries(table, statics(table, model), time, true);
  if (hasTargets) return { time, series, targets: named };
  const numeric = free.filter((one) => one !== series && isNumeric(table, one));
  const isWide = series === null && taken.size === 0 && !model.joint;
  return { time, series, targets: isWide ? numeric : numeric.slice(0, 1) };
}

/** Columns that may hold values. */
export function numericColumns(table) {
  return table.columns.map((_, one) => one).filter((one) => isNumeric(table, one));
}

/** The place of a column, whatever the case of its name; -1 if it is not there. */
export function place(table, name) {
  const exact = table.columns.indexOf(name);
  const wanted = name.toLowerCase();
  return exact >= 0 ? exact : table.columns.findIndex((column) => column.toLowerCase() === wanted);
}

function covariates(model) {
  return [...model.known, ...model.past, ...model.static.map((column) => column.name)];
}

function statics(table, model) {
  return model.static.map((column) => place(table, column.name)).filter((one) => one >= 0);
}

function sample(table, column) {
  return table.rows
    .slice(0, SAMPLE)
    .map((row) => row.cells[column])
    .filter((cell) => !isMissing(cell));
}

function isNumeric(table, column) {
  const cells = sample(table, column);
  return cells.length > 0 && cells.filter(looksNumeric).length > cells.length / 2;
}

/** Times that are written as such, or numbers in a column that is called like time. */
function findTime(table, model) {
  const all = table.columns.map((_, one) => one);
  const isCalled = (one) => TIME_NAME.test(table.columns[one]);
  if (!model.has_calendar) return all.find((one) => isCalled(one) && isNumeric(table, one)) ?? null;
  const forms = all.map((one) => formsOf(sample(table, one)));
  const isSure = (one) => forms[one].some((name) => !isPlainNumber(name));
  const isLikely = (one) => forms[one].length > 0 && isCalled(one);
  return all.find((one) => isSure(one) && isCalled(one)) ?? all.find(isSure) ?? all.find(isLikely) ?? null;
}

/** Where times repeat, or are not there: a column of texts that repeat, or one of whole numbers next to the values. */
function findSeries(table, free, time, hasTargets) {
  if (time !== null && !repeats(table, time)) return null;
  const isRepeated = (one) => new Set(sample(table, one)).size < Math.min(table.rows.length, SAMPLE);
  const texts = free.filter((one) => sample(table, one).length > 0 && !isNumeric(table, one) && isRepeated(one));
  const isWhole = (one) => sample(table, one).every((cell) => /^\d+$/.test(cell));
  const isSpare = hasTargets || free.filter((one) => isNumeric(table, one)).length > 1;
  const numbers = isSpare && time !== null ? free.filter((one) => isWhole(one) && tells(table, one, time)) : [];
  return texts.find((one) => time !== null && tells(table, one, time)) ?? texts[0] ?? numbers[0] ?? null;
}

function repeats(table, time) {
  return new Set(table.rows.map((row) => row.cells[time])).size < table.rows.length;
}

/** Whether no time is there twice within a series. */
function tells(table, series, time) {
  const keys = table.rows.map((row) => `${row.cells[series]}\n${row.cells[time]}`);
  const names = new Set(table.rows.map((row) => row.cells[series]));
  return new Set(keys).size === keys.length && names.size <= keys.length / 2;
}
