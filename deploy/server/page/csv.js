/** Text as rows of cells, and cells that no spreadsheet runs. */

import { counted } from "./words.js";

const SEPARATORS = [",", ";", "\t"];

// As in deploy/cells.py: where a spreadsheet would find a formula.
const SKIPPED = String.raw`[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff'"]*`;
const SIGN = String.raw`[=+\-@\uff1d\uff0b\uff0d\uff20]`;
const NUMBER = String.raw`[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![^;\t\r\n])`;
const BEGIN = String.raw`(?:^|(?<=[;\t\r\n]))`;
const [CONTROL, FORMULA] = [String.raw`(?=${SKIPPED}[\x00-\x1f])`, `(?!${NUMBER})(?=${SKIPPED}${SIGN})`];
const UNSAFE = new RegExp(`^${CONTROL}|${BEGIN}${FORMULA}`, "g");
const SAFE = new RegExp(`^'${CONTROL}|${BEGIN}'${FORMULA}`, "g");

/** A text that no spreadsheet takes for a formula. */
export const safeCell = (text) => text.replace(UNSAFE, "'");

/** The text that was made a safe cell. */
const plainCell = (cell) => (cell.includes("'") ? cell.replace(SAFE, "") : cell);

/** Data that cannot be read as they are: the message says where, what was found and what was expected. */
export class DataProblem extends Error {
  /** options: [{name, value}] that read them otherwise; columns: names of theirs, if they are known; step: in words. */
  constructor(message, { options = [], columns = [], step = null } = {}) {
    super(message);
    Object.assign(this, { options, columns, step });
  }
}

/** The text of bytes in UTF-8. Raises DataProblem. */
export function decode(buffer) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(buffer);
    if (!text.includes("\0")) return text;
  } catch {
    // said below
  }
  throw new DataProblem("This is no text in UTF-8.");
}

/** {columns: names, rows: [{line, cells}]}. Raises DataProblem. */
export function readTable(text) {
  const [head = ""] = text.split(/\r?\n|\r/, 1);
  const counts = SEPARATORS.map((separator) => head.split(separator).length);
  const records = splitRecords(text, SEPARATORS[counts.indexOf(Math.max(...counts))]);
  if (records.length === 0) throw new DataProblem("There are no rows. Expected a header and a row a step.");
  const columns = records[0].cells.map((cell, place) => cell || `column ${place + 1}`);
  const rows = records.slice(1);
  if (rows.length === 0) throw new DataProblem("There is a header and no row below it.");
  check(columns, rows);
  return { columns, rows };
}

/** Records that are not empty, with the line that each begins on. A quote inside quotes is doubled. */
function splitRecords(text, separator) {
  const records = [];
  let cells = [],
    cell = "",
    line = 1,
    start = 1,
    opened = 0;
  const endRecord = () => {
    cells.push(plainCell(cell.trim()));
    if (cells.some((one) => one !== "")) records.push({ line: start, cells });
    [cells, cell] = [[], ""];
  };
  for (let place = 0; place < text.length; place++) {
    const letter = text[place];
    if (letter === "\n" || letter === "\r") {
      const isPair = letter === "\r" && text[place + 1] === "\n";
      line += isPair ? 0 : 1;
      if (opened) cell += letter;
      else if (!isPair) {
        endRecord();
        start = line;
      }
    } else if (opened) {
      if (letter !== '"') cell += letter;
      else if (text[place + 1] === '"') cell += text[++place];
      else opened = 0;
    } else if (letter === '"' && cell.trim() === "") [cell, opened] = ["", line];
    else if (letter === separator) {
      cells.push(plainCell(cell.trim()));
      cell = "";
    } else cell += letter;
  }
  if (opened) throw new DataProblem(`Line ${opened}: a quote opens here and is never closed.`);
  endRecord();
  return records;
}

function check(columns, rows) {
  const twice = columns.find((name, place) => columns.indexOf(name) !== place);
  if (twice !== undefined) throw new DataProblem(`Two columns are called "${twice}". Give each a name of its own.`);
  const count = columns.length;
  const isOff = ({ cells }) => cells.length < count || cells.slice(count).some((cell) => cell !== "");
  const off = rows.filter(isOff);
  if (off.length === 0) return;
  const more = off.length > 1 ? ` So have ${off.length - 1} more lines another number.` : "";
  throw new DataProblem(
    `Line ${off[0].line}: ${counted(off[0].cells.length, "cell")}, expected ${count} as in the first line.${more}`,
  );
}
