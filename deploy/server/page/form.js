/** Which column is what: in a line, as a question where nothing tells, and as a form. */

import { showOptions } from "./show.js";
import { listed } from "./words.js";

const DECIMALS = [
  ["", "as the file tells"],
  [".", "point: 1.5"],
  [",", "comma: 1,5"],
];
const [NONE, JOINED, ALL] = ["none:", "joined:", "all:"]; // values of selects that are no place of a column
const IN_FIELDS = ["time", "series", "target", "decimal", "time_format"]; // all else that is chosen is listed

const element = (id) => document.getElementById(id);
let names = []; // of the columns that are listed
let candidates = []; // columns that are meant by all

/** choose(name, value): of the query of POST /read; undefined: as found. */
export function listenToColumns(choose) {
  const on = (id, act) => element(id).addEventListener("change", (event) => act(event.target.value));
  const column = (value) => (value === NONE ? [""] : value === JOINED ? undefined : [names[Number(value)]]);
  on("time", (value) => choose("time", column(value)));
  on("series", (value) => choose("series", column(value)));
  on("decimal", (value) => choose("decimal", value || undefined));
  on("time-format", (value) => choose("time_format", value.trim() || undefined));
  on("target", (value) => {
    if (value !== "") choose("target", value === ALL ? candidates : column(value));
  });
  element("asked").addEventListener("click", ({ target }) => {
    if (target.dataset.name) choose(target.dataset.name, undefined);
  });
}

/** Which column is what, what else it might be, and in a line which it is. chosen: what a person has said. */
export function showColumns({ columns, question }, model, chosen, reads) {
  const { all, targets, numbers } = columns;
  const [time, series] = [columns.time ?? [], columns.series ?? []];
  names = [...new Set([...all, ...time, ...series, ...targets])];
  const place = (name) => names.indexOf(name);
  const options = (some) => some.map((name) => [place(name), name]);
  showKeys("time", "none: count rows", columns.time, options(all));
  showKeys("series", "none: one series", columns.series, options(all));
  candidates = model.joint || targets.length > 1 ? targets : numbers.filter((name) => ![...time, ...series].includes(name));
  const values = options([...new Set([...targets, ...numbers])].filter((name) => !time.includes(name)));
  if (candidates.length > 1) values.unshift([ALL, `all: ${listed(candidates)}`]);
  const isOpen = question !== null || targets.length === 0;
  if (isOpen) values.unshift(["", "choose one"]);
  showOptions(element("target"), values, isOpen ? "" : targets.length > 1 ? ALL : place(targets[0]));
  element("target").disabled = model.joint;
  for (const id of ["choose-decimal", "choose-time-format"]) element(id).hidden = !reads;
  showOptions(element("decimal"), DECIMALS, chosen.decimal ?? "");
  element("time-format").value = chosen.time_format ?? "";
  showAsked(chosen);
  element("columns-facts").textContent = columnsInWords(columns, question);
}

/** found: columns, several where they are taken together; null where nothing is known, since the data cannot be read. */
function showKeys(id, none, found, options) {
  const single = found?.length === 1 ? options.find(([, name]) => name === found[0]) : undefined;
  if (single !== undefined || found?.length === 0)
    return showOptions(element(id), [[NONE, none], ...options], single?.[0] ?? NONE);
  const joined = found === null ? "as found" : found.join(" + ");
  return showOptions(element(id), [[JOINED, joined], [NONE, none], ...options], JOINED);
}

/** Options that no field of the form has, each with a way back. */
function showAsked(chosen) {
  const asked = Object.entries(chosen).filter(([name, value]) => !IN_FIELDS.includes(name) && value !== undefined);
  element("asked").replaceChildren(
    ...asked.map(([name, value]) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: `Undo ${name} = ${[value].flat().join(", ")}` });
      button.dataset.name = name;
      return button;
    }),
  );
}

function columnsInWords({ all, time, series, targets, taken }, question) {
  if (time === null || series === null) return "Columns";
  const parts = [time.length === 0 ? "no time" : `time ${listed(time)}`];
  if (series.length > 0) parts.push(`series ${listed(series)}`);
  const isOpen = question !== null || targets.length === 0;
  parts.push(isOpen ? "values to be chosen" : `values ${listed(targets)}`);
  const used = new Set([...time, ...series, ...targets, ...Object.values(taken)]);
  const isListed = targets.every((name) => all.includes(name)); // else they stand across the columns
  const unused = all.filter((name) => !used.has(name));
  if (unused.length > 0 && !isOpen && isListed) parts.push(`not used ${listed(unused)}`);
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
