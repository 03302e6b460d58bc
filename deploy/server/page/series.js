/** Series out of a table: rows on the step of the model, values, covariates, and the request that they become. */

import { place } from "./columns.js";
import { DataProblem } from "./csv.js";
import { placeRows } from "./grid.js";
import { toNumber } from "./numbers.js";
import { checkPace } from "./pace.js";
import { writeTime } from "./times.js";
import { listed } from "./words.js";

const NAMELESS = "(no name)"; // of rows whose cell for the series is empty

/**
 * {series, empty, form}: each series is {name, title, curves, request, future, last, after, statics}.
 *
 * name: as in a table of all series; title: with the column that is forecast; curves: by target {x, y}, x in seconds or
 * counts; request: an item of POST /forecast; future: by known column, the values after the last one that was observed;
 * last: the point of that; after: rows that follow it; statics: by column, the texts that are in it. empty: names of
 * series without a value; form: of the times, or null. Raises DataProblem.
 */
export function readSeries(table, roles, model) {
  checkTargets(table, roles, model);
  checkTime(table, roles, model);
  const columns = new Columns(table, roles, model);
  const { groups, form } = placeRows(table, roles, model);
  const wanted = model.joint ? [roles.targets] : roles.targets.map((one) => [one]);
  const found = groups.flatMap((group) => wanted.map((targets) => oneSeries(columns, group, targets, roles)));
  const series = found.filter((one) => one.request !== null);
  if (series.length === 0) throw new DataProblem(`Column "${table.columns[roles.targets[0]]}" holds no value.`);
  return { series, empty: found.filter((one) => one.request === null).map(({ title }) => title), form };
}

function checkTargets(table, { targets }, model) {
  if (targets.length > 0) return;
  const there = `There are ${listed(table.columns)}.`;
  const lacking = model.targets.filter((name) => place(table, name) < 0);
  if (!model.joint) throw new DataProblem(`No column holds numbers. Expected one of values. ${there}`);
  throw new DataProblem(
    `The model forecasts ${listed(model.targets)} together, and no column is called ${listed(lacking)}. ${there}`,
  );
}

/** The data of the model may have the time in several columns, which this page does not join. */
function checkTime(table, { time }, model) {
  const parts = (model.time_parts ?? []).filter((name) => place(table, name) >= 0);
  if (parts.length < 2 || (time !== null && !parts.includes(table.columns[time]))) return;
  throw new DataProblem(
    `The time is split over the columns ${listed(parts)}. Join them to one column, such as 2024-01-31 13:00.`,
  );
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
      if (values.length === 0) throw endsEarly(name, series.title);
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
    this.decimal = roles.decimal;
    this.known = new Map(this.#named(model.known, "covariate"));
    this.past = new Map(this.#named(model.past, "covariate"));
    this.targets = new Map(roles.targets.map((one) => [one, this.#numbers(one)]));
    this.static = model.static.map(({ name, categories }) => {
      const at = place(table, name);
      if (at < 0) return { name, at, values: null };
      return { name, at, values: categories === null ? this.#numbers(at) : table.rows.map(({ cells }) => cells[at]) };
    });
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
  const key = group.key === "" ? NAMELESS : group.key;
  const name = joined([key, target]);
  const title = joined([key, model.joint ? null : table.columns[targets[0]]]);
  const observed = group.points.filter(({ row }) => targets.some((one) => columns.targets.get(one)[row] !== null));
  const last = observed.at(-1);
  if (last === undefined) return { name, title, request: null };
  const points = group.points.slice(0, group.points.indexOf(last) + 1);
  if (last.time !== null) checkPace(title, points, observed, model);
  const ahead = (values) => {
    const found = onSteps(group.points, values, last.step + 1, last.step + model.max_horizon);
    return found.includes(null) ? found.slice(0, found.indexOf(null)) : found;
  };
  return {
    name,
    title,
    curves: targets.map((at) => curve(points, columns.targets.get(at))),
    request: itemOf(columns, group, targets, last),
    future: overColumns(columns.known, ahead),
    last,
    after: group.points.length - points.length,
    statics: textsOf(columns, group),
  };
}

const joined = (parts) => parts.filter((part) => part !== null).join(" · ");

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
function curve(points, values) {
  const [x, y] = [[], []];
  let previous = null;
  for (const point of points) {
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

/** The first value of each static column that has one. */
function statics(columns, group) {
  const given = columns.static.filter(({ values }) => values !== null);
  const found = given.map(({ name, values }) => {
    const row = group.points.find((point) => values[point.row] !== null && values[point.row] !== "")?.row;
    return [name, row === undefined ? null : values[row]];
  });
  return Object.fromEntries(found.filter(([, value]) => value !== null));
}

/** By static column that is there: the texts of it in a group. */
function textsOf(columns, group) {
  const given = columns.static.filter(({ at }) => at >= 0);
  return Object.fromEntries(
    given.map(({ name, at }) => [name, [...new Set(group.points.map(({ row }) => columns.table.rows[row].cells[at]))]]),
  );
}

function overColumns(columns, act) {
  return Object.fromEntries([...columns].map(([name, values]) => [name, act(values)]));
}

function endsEarly(column, title) {
  return new DataProblem(
    `Column "${column}" ends with the values of ${title ? `"${title}"` : "the series"}. The model needs it for the steps to come: ` +
      "add rows that have it, and no value.",
  );
}
