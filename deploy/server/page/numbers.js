/** Numbers as files write them: decimal points or commas, thousands apart, and what stands for no value. */

const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "nil", "missing", "-", "--", "?", "."]);
const POINT = /^[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?(e[+-]?\d+)?$/i;
const COMMA = /^[+-]?(\d+|\d{1,3}([. ]\d{3})+)?(,\d*)?(e[+-]?\d+)?$/i;

/** Whether a cell says that nothing was observed. */
export function isMissing(cell) {
  return MISSING.has(cell.toLowerCase());
}

/** Whether a cell is a number under either decimal sign. */
export function looksNumeric(cell) {
  return /\d/.test(cell) && (POINT.test(cell) || COMMA.test(cell));
}

/** "," or ".", for a whole table: a comma only where some cell cannot be read without, or none has a point. */
export function findDecimal({ rows, separator }) {
  let [commas, points, sure] = [0, 0, 0];
  for (const { cells } of rows) {
    for (const cell of cells) {
      const hasComma = cell.includes(",");
      if ((!hasComma && !cell.includes(".")) || !looksNumeric(cell)) continue;
      if (hasComma && COMMA.test(cell)) commas += 1;
      if (hasComma && !POINT.test(cell)) sure += 1;
      if (/^[+-]?\d+\.\d+$/.test(cell)) points += 1;
    }
  }
  // Between commas only quoted cells have one; 1,234 is a thousand there, 1,5 is not.
  return (separator === "," ? sure > 0 : commas > 0 && commas >= points) ? "," : ".";
}

/** A number, null where nothing was observed, NaN where the cell is neither. */
export function toNumber(cell, decimal) {
  if (isMissing(cell)) return null;
  if (!/\d/.test(cell) || !(decimal === "," ? COMMA : POINT).test(cell)) return NaN;
  const plain = decimal === "," ? cell.replace(/[. ]/g, "").replace(",", ".") : cell.replaceAll(",", "");
  const value = Number(plain);
  return Number.isFinite(value) ? value : NaN;
}
