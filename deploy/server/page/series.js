/** Series out of a table: rows on the step of the model, values, covariates, and the request that they become. */

import { place } from "./columns.js";
import { DataProblem } from "./csv.js";
import { findDecimal, toNumber } from "./numbers.js";
import { placeRows } from "./grid.js";
import { writeTime } from "./times.js";

/**
 * {series, empty}: each series is {name, title, curves, request, future, last}, `empty` those without a value.
 *
 * curves: by target {x, y}, x in seconds or counts; request: an item of POST /forecast; future: by known column, the
 * values after the last one that was observed; last: the point of that. Raises DataProblem.
 */
export function readSeries(table, roles, model) {
  if (roles.targets.length === 0) throw new DataProblem("No column holds numbers. Expected one of values.");
  const columns = new Columns(table, roles, model);
  const groups = placeRows(table, roles, model);
  const wanted = model.joint ? [roles.targets] : roles.targets.map((one) => [one]);
  const found = groups.flatMap((group) => wanted.map((targets) => oneSeries(columns, group, targets, roles)));
  const series = found.filter((one) => one.request !== null);
  if (series.length === 0) throw new DataProblem(`Column "${table.columns[roles.targets[0]]}" holds no value.`);
  return { series, empty: found.length - series.length };
}

/** The item of a request for a horizon. */
export function requestOf(series, horizon) {
  const future = Object.entries(series.future).map(([name, values]) => [name, values.slice(0, horizon)]);
  return future.length > 0 ? { ...series.request, future_known: Object.fromEntries(future) } : series.request;
}

/** Steps that all series can be forecast, as far as their known covariates go. Raises DataProblem: not one. */
export function longestHorizon(all, model) {
  let longest = model.max_horizon;
  for (const series of all) {
    for (const [name, values] of Object.entries(series.future)) {
      if (values.length === 0) throw endsEarly(name, series.name);
      longest = Math.min(longest, values.length);
    }
  }
  return longest;
}

/** Numbers of the columns that a model needs, read once. */
class Columns {
  constructor(table, roles, model) {
    this.model = model;
    this.table = table;
    this.decimal = findDecimal(table);
    this.known = new Map(this.#named(model.known, "covariate"));
    this.past = new Map(this.#named(model.past, "covariate"));
    this.targets = new Map(roles.targets.map((one) => [one, this.#numbers(one)]));
    this.static = model.static.map(({ name, categories }) => ({ name, categories, at: place(table, name) }));
  }

  #named(names, kind) {
    return names.map((name) => {
      const at = place(this.table, name);
      const there = this.table.columns.join(", ");
      if (at < 0) throw new DataProblem(`The model needs the ${kind} "${name}", and no column is called so: ${there}.`);
      return [name, this.#numbers(at)];
    });
  }

  #numbers(column) {
    const { rows, columns } = this.table;
    const values = rows.map((row) => toNumber(row.cells[column], this.decimal));
    const wrong = values.flatMap((value, row) => (Number.isNaN(value) ? [row] : []));
    if (wrong.length === 0) return values;
    const first = rows[wrong[0]];
    const more = wrong.length > 1 ? ` So are ${wrong.length - 1} more.` : "";
    throw new DataProblem(
      `Line ${first.line}, column "${columns[column]}": "${first.cells[column]}" is no number.${more} ` +
        "Expected a number, or an empty cell where nothing was observed.",
    );
  }
}

function oneSeries(columns, group, targets, roles) {
  const { model, table } = columns;
  const target = !model.joint && roles.targets.length > 1 ? table.columns[targets[0]] : null;
  const name = [group.key, target].filter((text) => text !== null).join(" · ");
  const isObserved = ({ row }) => targets.some((one) => columns.targets.get(one)[row] !== null);
  const last = group.points.findLast(isObserved);
  if (last === undefined) return { name, request: null };
  const ahead = (values) => {
    const found = onSteps(group.points, values, last.step + 1, last.step + model.max_horizon);
    return found.includes(null) ? found.slice(0, found.indexOf(null)) : found;
  };
  return {
    name,
    title: name || table.columns[targets[0]],
    curves: targets.map((at) => curve(group.points, columns.targets.get(at), last.step)),
    request: itemOf(columns, group, targets, last),
    future: overColumns(columns.known, ahead),
    last,
  };
}

/** The item of a request, without what is to come. */
function itemOf(columns, group, targets, last) {
  const { model } = columns;
  const first = Math.max(group.points[0].step, last.step - model.context_length + 1);
  const history = (values) => onSteps(group.points, values, first, last.step);
  const values = targets.map((at) => history(columns.targets.get(at)));
  const named = () => Object.fromEntries(model.targets.map((name, place) => [name, values[place]]));
  const item = { values: model.joint ? named() : values[0], ...ends(last, model) };
  if (model.known.length > 0) item.known = overColumns(columns.known, history);
  if (model.past.length > 0) item.past = overColumns(columns.past, history);
  if (model.static.length > 0) item.static = statics(columns, group);
  return item;
}

/** Values from one step to another, null where a step has no row. */
function onSteps(points, values, from, to) {
  const found = Array(Math.max(0, to - from + 1)).fill(null);
  for (const { step, row } of points) if (step >= from && step <= to) found[step - from] = values[row];
  return found;
}

/** What is drawn: a null between points that are not neighbours breaks the line. */
function curve(points, values, last) {
  const [x, y] = [[], []];
  let previous = null;
  for (const point of points) {
    if (point.step > last) break;
    if (previous !== null && point.step > previous.step + 1) {
      x.push((previous.x + point.x) / 2);
      y.push(null);
    }
    x.push(point.x);
    y.push(values[point.row]);
    previous = point;
  }
  return { x, y };
}

/** When the history ends, for the service. */
function ends({ time }, model) {
  if (time === null) return {};
  if (!model.has_calendar) return { last_timestamp: time.local };
  return { last_timestamp: model.timezone ? writeTime(time.utc, true) : writeTime(time.local, false) };
}

function statics(columns, group) {
  const found = {};
  for (const { name, categories, at } of columns.static) {
    const cell =
      at < 0 ? "" : (group.points.map(({ row }) => columns.table.rows[row].cells[at]).find((one) => one !== "") ?? "");
    const value = categories === null ? toNumber(cell, columns.decimal) : cell;
    if (cell !== "" && !Number.isNaN(value)) found[name] = value;
  }
  return found;
}

function overColumns(columns, act) {
  return Object.fromEntries([...columns].map(([name, values]) => [name, act(values)]));
}

function endsEarly(column, series) {
  const name = series === "" ? "the series" : `"${series}"`;
  return new DataProblem(
    `Column "${column}" ends with the values of ${name}. The model needs it for the steps to come: ` +
      "add rows that have it, and no value.",
  );
}
