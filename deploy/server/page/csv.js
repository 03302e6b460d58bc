/** A text file as rows of cells: its encoding, its separator, its quotes, its header. */

import { isMissing, looksNumeric } from "./numbers.js";
import { looksLikeTime } from "./times.js";
import { counted } from "./words.js";

const SEPARATORS = [",", ";", "\t", "|"];
const SAMPLE = 20; // rows that tell the separator and the header

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
export class DataProblem extends Error {}

/** The text of a file. UTF-16 says so in its first bytes; what is not UTF-8 comes from an old Windows. */
export function decode(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes.includes(0)) throw new DataProblem("This is no text file. Expected a CSV file.");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** {columns: names, isNamed, rows: [{line, cells}], separator}; isNamed: by the file. Raises DataProblem. */
export function readTable(text) {
  const [told, body] = separatorLine(text.replace(/^\ufeff/, ""));
  const separator = told ?? findSeparator(body);
  const records = splitRecords(body, separator, told === null ? 1 : 2);
  if (records.length === 0) throw new DataProblem("There are no rows. Expected a header and a row a step.");
  const isNamed = hasHeader(records);
  const first = records[0].cells;
  const columns = first.map((cell, place) => (isNamed && cell) || `column ${place + 1}`);
  const rows = isNamed ? records.slice(1) : records;
  if (rows.length === 0) throw new DataProblem("There is a header and no row below it.");
  check(columns, rows);
  return { columns, isNamed, rows, separator };
}

/** Excel's first line `sep=;`, and what follows. */
function separatorLine(text) {
  const found = /^sep=(.)\r?\n/i.exec(text);
  return found ? [found[1], text.slice(found[0].length)] : [null, text];
}

/** The one that gives most rows the same number of cells, more than one; the comma if none does. */
function findSeparator(text) {
  let best = { separator: ",", score: 0 };
  for (const separator of SEPARATORS) {
    const sizes = splitRecords(text, separator, 1, SAMPLE).map((record) => record.cells.length);
    const alike = sizes.filter((size) => size === sizes[0]).length;
    const score = sizes[0] > 1 ? alike / sizes.length + sizes[0] / 1e6 : 0;
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}

/** Records that are not empty, with the line that each begins on. A quote inside quotes is doubled. */
function splitRecords(text, separator, firstLine, most = Infinity) {
  const records = [];
  let cells = [],
    cell = "",
    line = firstLine,
    start = firstLine,
    opened = 0;
  const endRecord = () => {
    cells.push(plainCell(cell.trim()));
    if (cells.some((one) => one !== "")) records.push({ line: start, cells });
    [cells, cell] = [[], ""];
  };
  for (let place = 0; place < text.length && records.length < most; place++) {
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
  if (opened && most === Infinity) throw new DataProblem(`Line ${opened}: a quote opens here and is never closed.`);
  if (records.length < most) endRecord();
  return records;
}

/** Whether the first row names the columns: it is a text above numbers or times, or nothing in it is either. */
function hasHeader(records) {
  const isValue = (cell) => looksNumeric(cell) || looksLikeTime(cell);
  const [first, ...rest] = records.slice(0, SAMPLE).map((record) => record.cells);
  const isAbove = (cell, place) =>
    !isMissing(cell) &&
    !isValue(cell) &&
    rest.length > 0 &&
    rest.every((cells) => isMissing(cells[place] ?? "") || isValue(cells[place])) &&
    rest.some((cells) => isValue(cells[place] ?? ""));
  return first.some(isAbove) || !first.some(isValue);
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
