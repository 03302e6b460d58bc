/** Rows of each series on the step of the model. */

import { DataProblem } from "./csv.js";
import { paceOfTimes } from "./pace.js";
import { isOfUtc, stepsBetween } from "./steps.js";
import { localToUtc, offsetAt, timeOf } from "./times.js";

const NEARLY = 1e-6; // of a step
const DENSER = 2; // times as many rows a step, and a form of time is the one that is meant

/**
 * {groups: [{key, points}], form}, points by time: {row, step, x, time}. key: null where nothing tells series apart.
 *
 * step: counted from the first of the series; x: seconds, or steps where the table has no times; form: of the times, null
 * where rows are counted. Raises DataProblem.
 */
export function placeRows(table, roles, model) {
  const groups = new Map();
  table.rows.forEach((row, place) => {
    const key = roles.series === null ? null : row.cells[roles.series];
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(place);
  });
  if (roles.time === null)
    return { groups: [...groups].map(([key, rows]) => ({ key, points: rows.map(untimed) })), form: null };
  return placeByTime(table, roles, model, groups);
}

const untimed = (row, step) => ({ row, step, x: step + 1, time: null });

/** In the form of time that fits the step; 01/02/2024 may be either, and a month apart is not a day apart. */
function placeByTime(table, roles, model, groups) {
  const forms = roles.forms.includes(roles.dates) ? [roles.dates] : roles.forms;
  if (forms.length === 0) throw notATime(table, roles, table.rows[0]);
  const problems = [],
    placed = [];
  for (const form of forms) {
    try {
      const times = table.rows.map((row) => readTime(table, roles, model, row, form));
      placed.push({ groups: [...groups].map(([key, rows]) => placeGroup({ table, model, times }, key, rows)), form });
    } catch (problem) {
      if (!(problem instanceof DataProblem)) throw problem;
      problems.push(problem);
    }
  }
  if (placed.length === 0) throw problems[0];
  const [densest, next] = placed.toSorted((one, other) => stepsOf(one.groups) - stepsOf(other.groups));
  const isUnclear = next !== undefined && forms.includes("day first");
  if (!isUnclear || DENSER * stepsOf(densest.groups) <= stepsOf(next.groups)) return densest;
  const { line, cells } = table.rows[0];
  throw new DataProblem(
    `Line ${line}: "${cells[roles.time]}" has the day or the month first, and no row tells which. ` +
      "Choose it under Columns, or write such dates as 2024-01-31.",
  );
}

/** Steps that all series go over together. */
function stepsOf(groups) {
  return groups.reduce((sum, { points }) => sum + points.at(-1).step + 1, 0);
}

function readTime(table, roles, model, row, form) {
  const time = timeOf(row.cells[roles.time], form);
  if (time === null) throw notATime(table, roles, row, model);
  if (!model.timezone) return { ...time, at: time.local, x: model.has_calendar ? time.local / 1000 : time.local };
  const utc = time.utc ?? localToUtc(time.local, model.timezone);
  const local = utc + offsetAt(utc, model.timezone);
  return { ...time, utc, at: isOfUtc(model.step) ? utc : local, x: utc / 1000 };
}

function notATime(table, roles, { line, cells }, model) {
  const wanted =
    model && !model.has_calendar ? "a whole number" : "a date such as 2024-01-31, 31.01.2024 or 2024-01-31 14:00";
  const column = table.columns[roles.time];
  return new DataProblem(`Line ${line}, column "${column}": "${cells[roles.time]}" is no time. Expected ${wanted}.`);
}

function placeGroup({ table, model, times }, key, rows) {
  const sorted = rows.toSorted((one, other) => times[one].at - times[other].at);
  const start = times[sorted[0]].at;
  const points = sorted.map((row) => ({
    row,
    time: times[row],
    x: times[row].x,
    step: stepOf(model.step, start, times[row].at),
  }));
  const off = points.find((point) => point.step === null);
  if (off) throw offTheGrid(table, model, points, off);
  const twice = points.find((point, place) => place > 0 && point.step === points[place - 1].step);
  if (twice === undefined) return { key, points };
  throw new DataProblem(
    `Line ${table.rows[twice.row].line}: ${twice.time.text} is there twice${key === null ? "" : ` in "${key}"`}. ` +
      "Expected a row a step. If a column tells series apart, choose it as Series.",
  );
}

/** Whole steps since the start; null if a time lies between two. */
function stepOf(step, start, at) {
  const steps = stepsBetween(step, start, at);
  return Math.abs(steps - Math.round(steps)) <= NEARLY ? Math.round(steps) : null;
}

function offTheGrid(table, model, points, off) {
  const before = points[points.indexOf(off) - 1];
  const pace = paceOfTimes(points);
  const every = pace === null ? "" : `rows come every ${pace}, and `;
  return new DataProblem(
    `Line ${table.rows[off.row].line}: ${off.time.text} comes after ${before.time.text}: ${every}this model's steps are ` +
      `${model.step.text}. Bring the data to its steps, by sums or means, or choose a model of theirs.`,
  );
}
