/** Rows of each series on the step of the model. */

import { DataProblem } from "./csv.js";
import { isOfUtc, shift, stepsBetween, usualStep } from "./steps.js";
import { localToUtc, offsetAt, timeOf, writeTime } from "./times.js";

const NEARLY = 1e-6; // of a step

/**
 * {step, groups: [{key, rows, timeAt}]}. step: usualStep of all times, or null; rows: of the table, one a step, null where a
 * step has none; timeAt(step): as the service has it.
 *
 * time: the name of a column, or null: a row is a step; keys: what tells series apart, by row, or null. Raises DataProblem.
 */
export function placeRows(table, time, keys, model) {
  const groups = new Map();
  table.rows.forEach((_, row) => {
    const key = keys === null ? null : keys[row];
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  });
  if (time === null) return { step: null, groups: [...groups].map(([key, rows]) => ({ key, rows, timeAt: (step) => step })) };
  const at = table.columns.indexOf(time);
  const times = table.rows.map((row) => readTime(table, time, row.cells[at], row.line, model));
  const step = model.has_calendar ? usualStep([...new Set(times.map(({ at }) => at))].sort((one, other) => one - other)) : null;
  return { step, groups: [...groups].map(([key, rows]) => placeGroup({ table, model, times, step }, key, rows)) };
}

function readTime(table, column, cell, line, model) {
  const time = timeOf(cell, model.has_calendar);
  if (time === null) {
    const wanted = model.has_calendar ? "a date such as 2024-01-31 or 2024-01-31 14:00" : "a whole number";
    throw new DataProblem(`Line ${line}, column "${column}": "${cell}" is no time. Expected ${wanted}.`);
  }
  if (!model.timezone) return { ...time, at: time.local };
  const utc = time.utc ?? localToUtc(time.local, model.timezone);
  return { ...time, at: isOfUtc(model.step) ? utc : utc + offsetAt(utc, model.timezone) };
}

function placeGroup({ table, model, times, step: usual }, key, rows) {
  const sorted = rows.toSorted((one, other) => times[one].at - times[other].at);
  const start = times[sorted[0]].at;
  const placed = [];
  sorted.forEach((row, place) => {
    const steps = stepsBetween(model.step, start, times[row].at);
    const step = Math.round(steps);
    const line = `Line ${table.rows[row].line}: ${times[row].text}`;
    const isOther = placed[step] !== undefined && times[placed[step]].at !== times[row].at; // of the same day of a month
    if (Math.abs(steps - step) > NEARLY || isOther)
      throw new DataProblem(
        `${line} comes after ${times[sorted[place - 1]].text}, and this model's steps are ${model.step.text}. ` +
          "Bring the data to its steps, by sums or means, or choose a model of theirs.",
        { step: usual },
      );
    if (placed[step] !== undefined)
      throw new DataProblem(
        `${line} is there twice${key === null ? "" : ` in "${key}"`}. ` +
          "Expected a row a step. If a column tells series apart, choose it as Series.",
      );
    placed[step] = row;
  });
  return { key, rows: Array.from(placed, (row) => row ?? null), timeAt: (step) => written(shift(model.step, start, step), model) };
}

/** A place on the grid as the service writes it. */
function written(at, model) {
  if (!model.has_calendar) return at;
  if (!model.timezone) return writeTime(at, false);
  return writeTime(isOfUtc(model.step) ? at : localToUtc(at, model.timezone), true);
}
