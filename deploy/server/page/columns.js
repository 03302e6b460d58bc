/** Which column of a table is what: the time, the series, the values, as a model wants them. */

import { findDecimal, isMissing, looksNumeric } from "./numbers.js";
import { formsOf, isPlainNumber } from "./times.js";
import { listed } from "./words.js";

const TIME_NAME = /^(t|ds|time|date|datetime|timestamp|day|week|month|quarter|year|hour|step|index|period)\b/i;
const SAMPLE = 300; // rows that tell what a column is

/**
 * {time, series, targets}: places of columns, with how their cells are read and what may be asked.
 *
 * time, series: null where there is none; targets: empty where a person has to say; forms: of time that fit; dates: the
 * one of them that was chosen, or null; decimal: "," or "."; candidates: columns that the targets may be; question:
 * {field, text}, or null where all is clear. chosen: those of the fields that a person has chosen.
 */
export function guessRoles(table, model, chosen = {}) {
  const times = timeColumns(table, model);
  const time = "time" in chosen ? chosen.time : (times[0] ?? null);
  const taken = new Set(covariates(model).map((name) => place(table, name)));
  const named = model.targets.map((name) => place(table, name));
  const hasTargets = named.every((one) => one >= 0 && one !== time && one !== chosen.series);
  const isFree = (one) => one !== time && !taken.has(one) && !(hasTargets && named.includes(one));
  const free = table.columns.map((_, one) => one).filter(isFree);
  const guessed = () =>
    findSeries(table, free, time, hasTargets) ?? findSeries(table, statics(table, model), time, true);
  const series = "series" in chosen ? chosen.series : guessed();
  const candidates = free.filter((one) => one !== series && isNumeric(table, one));
  const guess = hasTargets ? named : candidates.length === 1 && !model.joint ? candidates : [];
  const targets = chosen.targets ?? guess;
  const forms =
    time === null ? [] : model.has_calendar ? formsOf(table.rows.map(({ cells }) => cells[time])) : ["count"];
  const reading = { forms, dates: chosen.dates ?? null, decimal: chosen.decimal ?? findDecimal(table) };
  const roles = { time, series, targets, ...reading, candidates };
  return { ...roles, question: questionOf(table, model, roles, "time" in chosen ? [] : times) };
}

/** What nobody but a person knows. */
function questionOf(table, model, { targets, candidates }, times) {
  const names = (places) => listed(places.map((one) => table.columns[one]));
  if (times.length > 1) return { field: "time", text: `Which column is the time? ${names(times)} hold times.` };
  if (targets.length > 0 || candidates.length === 0 || model.joint) return null;
  const lacking = `The model was made for ${listed(model.targets)}, and no column is called so`;
  return { field: "target", text: `Which column is to be forecast? ${lacking}: there are ${names(candidates)}.` };
}

/** Columns that may hold values. */
export function numericColumns(table) {
  return table.columns.map((_, one) => one).filter((one) => isNumeric(table, one));
}

/** The place of a column, whatever the case of its name; -1 if it is not there, or is there in several cases. */
export function place(table, name) {
  const exact = table.columns.indexOf(name);
  if (exact >= 0) return exact;
  const isAlike = (column) => column.toLowerCase() === name.toLowerCase();
  return table.columns.filter(isAlike).length === 1 ? table.columns.findIndex(isAlike) : -1;
}

/** Names of the columns that a model takes along with its targets. */
export function covariates(model) {
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

/** Times that are written as such, or numbers in a column that is called like time; several if nothing tells which. */
function timeColumns(table, model) {
  const all = table.columns.map((_, one) => one);
  const isCalled = (one) => TIME_NAME.test(table.columns[one]);
  const own = model.time == null ? -1 : place(table, model.time);
  if (!model.has_calendar) {
    const counts = all.filter((one) => (one === own || isCalled(one)) && isNumeric(table, one));
    return counts.includes(own) ? [own] : counts.slice(0, 1);
  }
  const forms = all.map((one) => formsOf(sample(table, one)));
  const sure = all.filter((one) => forms[one].some((name) => !isPlainNumber(name)));
  const likely = all.filter((one) => forms[one].length > 0 && isCalled(one));
  if (forms[own]?.length > 0) return [own];
  const called = sure.filter(isCalled);
  return called.length > 0 ? called : sure.length > 0 ? sure : likely.slice(0, 1);
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
