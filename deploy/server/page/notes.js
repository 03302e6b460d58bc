/** What the page decided on its own, or could not use: sentences for the person who looks at the forecast. */

import { place } from "./columns.js";
import { isMissing, looksNumeric, toNumber } from "./numbers.js";
import { hasZone, isEither, timeOf } from "./times.js";
import { count, counted, listed, span } from "./words.js";

const SCARCE = 0.5; // of the values that a model looks back at
const THOUSANDS = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;
const OF_NUMBERS = {
  compact: "as a date of 8 digits",
  year: "as a year",
  seconds: "as seconds since 1970",
  milliseconds: "as milliseconds since 1970",
};

/**
 * [{text, isWarning}] of all series, warnings first. found: of readSeries; longest: of longestHorizon.
 *
 * A warning may make the forecast another one than was meant.
 */
export function notesOf({ table, roles, model, found, longest }) {
  const given = { table, roles, model, found, longest };
  const kinds = [ofTarget, ofStatic, ofFuture, ofEmpty, ofTimes, ofDecimal, ofColumns];
  const notes = kinds.flatMap((kind) => kind(given));
  return notes.toSorted((one, other) => other.isWarning - one.isWarning);
}

/** [{text, isWarning}] of the series that is drawn. all: of these there are so many. */
export function notesOfDrawn({ request, after }, model, all) {
  const columns = model.joint ? Object.values(request.values) : [request.values];
  const [size, looked] = [columns[0].length, model.context_length];
  const known = Math.min(...columns.map((values) => values.slice(-looked).filter((value) => value !== null).length));
  const there = Math.min(size, looked);
  const notes = [];
  if (known < SCARCE * looked && (known < SCARCE * there || size < looked)) {
    const past = `Of the last ${span(looked, model.step)} that the model looks back at`;
    notes.push(warning(`${past}, ${known === 1 ? "1 has" : `${count(known)} have`} a value.`));
  } else if (known < there)
    notes.push(note(`${counted(there - known, "value")} of the last ${span(there, model.step)} missing.`));
  if (after > 0 && model.known.length === 0)
    notes.push(note(`The forecast starts after the last value: ${counted(after, "row")} below it without one.`));
  if (all > 1) notes.push(note(`1 of ${count(all)} series is drawn: choose another above. The download has all.`));
  return notes;
}

const note = (text) => ({ text, isWarning: false });
const warning = (text) => ({ text, isWarning: true });

function ofTarget({ table, roles, model }) {
  const names = roles.targets.map((at) => table.columns[at]);
  if (names.every((name) => model.targets.includes(name))) return [];
  const isAlike = names.every((name) => model.targets.some((one) => one.toLowerCase() === name.toLowerCase()));
  const text = `The model was made for ${listed(model.targets)}; what is forecast here is ${listed(names)}.`;
  return [isAlike ? note(text) : warning(text)];
}

/** Categories that no series of the training had, columns that are not there, or are not constant. */
function ofStatic({ table, model, found }) {
  const lacking = model.static.map(({ name }) => name).filter((name) => place(table, name) < 0);
  const notes = lacking.length === 0 ? [] : [warning(`Without ${listed(lacking)}: no column is called so.`)];
  for (const { name, categories } of model.static.filter((one) => !lacking.includes(one.name))) {
    const filled = found.series.map(({ title, statics }) => ({
      title,
      texts: statics[name].filter((text) => text !== ""),
    }));
    const firsts = new Set(filled.flatMap(({ texts }) => texts.slice(0, 1)));
    const unknown = categories === null ? [] : [...firsts].filter((text) => !categories.includes(text));
    if (unknown.length > 0)
      notes.push(
        warning(
          `The model has not seen ${listed(unknown)} of “${name}” in training, and forecasts as for any. ` +
            `It knows ${listed(categories)}.`,
        ),
      );
    const changing = filled.filter(({ texts }) => texts.length > 1).map(({ title }) => title);
    if (changing.length > 0)
      notes.push(
        warning(`“${name}” is to be one value a series, and changes in ${listed(changing)}: the first is used.`),
      );
    const without = filled.filter(({ texts }) => texts.length === 0).map(({ title }) => title);
    if (without.length > 0) notes.push(warning(`“${name}” is empty in ${listed(without)}.`));
  }
  return notes;
}

/** Known covariates that end before the furthest that the model can forecast. */
function ofFuture({ model, found, longest }) {
  if (longest >= model.max_horizon) return [];
  const all = found.series.flatMap(({ title, future }) => Object.entries(future).map((one) => [title, ...one]));
  const [title, name] = all.find(([, , values]) => values.length === longest);
  const most = `The horizon ends after ${span(longest, model.step)}, not ${span(model.max_horizon, model.step)}`;
  return [note(`${most}: so far “${name}” is known ahead for “${title}”.`)];
}

function ofEmpty({ found }) {
  if (found.empty.length === 0) return [];
  return [warning(`Left out, without a value: ${listed(found.empty)}.`)];
}

function ofTimes({ table, roles, model, found }) {
  if (roles.time === null)
    return [warning(`No column is the time: a row is taken as ${model.step.text}, in their order.`)];
  if (!model.has_calendar) return [];
  const cells = table.rows.map(({ cells }) => cells[roles.time]);
  const { form } = found;
  const notes = [];
  const isRead = (how) => `“${cells[0]}” is read ${how}: ${dateOf(timeOf(cells[0], form).local)}.`;
  if (form in OF_NUMBERS) notes.push(note(isRead(OF_NUMBERS[form])));
  if (isEither(roles.forms)) notes.push(note(isRead(`with the ${form}`)));
  const local = cells.find((cell) => !hasZone(cell, form));
  if (model.timezone && local !== undefined)
    notes.push(note(`Times without an offset, such as ${local}, are read as those of ${model.timezone}.`));
  const zoned = cells.find((cell) => hasZone(cell, form));
  if (!model.timezone && zoned !== undefined && !(form in OF_NUMBERS))
    notes.push(warning(`The model has no time zone: the offset of times such as ${zoned} is not used.`));
  return notes;
}

/** Numbers that are not written as a computer reads them, or may be meant otherwise: 1.234 has a point, or is a thousand. */
function ofDecimal({ table, roles, model }) {
  const named = [...model.known, ...model.past].map((name) => place(table, name));
  const columns = [...roles.targets, ...named];
  const isOther = (cell) => !isMissing(cell) && looksNumeric(cell) && Number(cell) !== toNumber(cell, roles.decimal);
  let [pointed, isThousand] = [null, table.separator !== ","];
  for (const { cells } of table.rows) {
    const numbers = columns.map((at) => cells[at]);
    const other = numbers.find(isOther);
    if (other !== undefined) return [note(`“${other}” is read as ${toNumber(other, roles.decimal)}.`)];
    for (const cell of numbers.filter((one) => one.includes("."))) {
      pointed ??= cell;
      isThousand &&= THOUSANDS.test(cell);
    }
  }
  if (pointed === null || !isThousand) return [];
  return [
    note(`“${pointed}” is read with a decimal point. If its point parts thousands, choose the comma as Decimals.`),
  ];
}

function ofColumns({ table, model }) {
  const notes = table.isNamed ? [] : [note("The file has no line of names: its columns are called by their place.")];
  const wanted = [...model.known, ...model.past, ...model.static.map(({ name }) => name)];
  const pairs = wanted.map((name) => [table.columns[place(table, name)], name]);
  const other = pairs.filter(([column, name]) => column !== undefined && column !== name);
  return other.length === 0
    ? notes
    : [
        ...notes,
        note(`${listed(other.map(([column]) => column))} is taken for ${listed(other.map(([, name]) => name))}.`),
      ];
}

const dateOf = (local) =>
  new Intl.DateTimeFormat(undefined, { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" }).format(local);
