/** Times as files write them. A time is {text, local, utc}: milliseconds on its own clock, and of UTC or null. */

const CLOCK = String.raw`(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?`;
const form = (pattern, order) => ({ pattern: new RegExp(`^${pattern}${CLOCK}$`), order });

// order: which group of the pattern is the year, the month, the day; what is not there is 1.
const FORMS = {
  iso: form(String.raw`(\d{4})-(\d{2})(?:-(\d{2}))?`, [1, 2, 3]),
  "year first": form(String.raw`(\d{4})\/(\d{1,2})\/(\d{1,2})`, [1, 2, 3]),
  dots: form(String.raw`(\d{1,2})\.(\d{1,2})\.(\d{4})`, [3, 2, 1]),
  "month first": form(String.raw`(\d{1,2})\/(\d{1,2})\/(\d{4})`, [3, 1, 2]),
  "day first": form(String.raw`(\d{1,2})\/(\d{1,2})\/(\d{4})`, [3, 2, 1]),
  compact: form(String.raw`((?:19|20)\d{2})(\d{2})(\d{2})`, [1, 2, 3]),
  quarter: { pattern: /^(\d{4})[- ]?Q([1-4])$/i, order: [1, 2, 3], months: 3 },
  year: { pattern: /^((?:1[5-9]|2[01])\d{2})$/, order: [1, 2, 3] },
  seconds: { pattern: /^-?\d{9,10}$/, unit: 1000 },
  milliseconds: { pattern: /^-?\d{12,13}$/, unit: 1 },
};
const ZONE = /:\d{2}(?:\.\d+)?\s*(?:Z|[+-]\d{2}:?\d{2})$/;
const COUNT = /^-?\d{1,15}$/;
// A column of such numbers is a time only if it is called so, or is the first.
const NUMBERS = new Set(["compact", "year", "seconds", "milliseconds"]);

/** Whether a cell is a time that is no plain number. */
export function looksLikeTime(cell) {
  return Object.entries(FORMS).some(([name, one]) => !NUMBERS.has(name) && readTime(cell, one) !== null);
}

/** Names of the forms that read the most cells; none where they read less than half of those that are filled. */
export function formsOf(cells) {
  const filled = cells.filter((cell) => cell !== "");
  const read = (name) => filled.filter((cell) => readTime(cell, FORMS[name]) !== null).length;
  const counts = Object.keys(FORMS).map((name) => [name, read(name)]);
  const most = Math.max(...counts.map(([, count]) => count));
  if (most === 0 || most < filled.length / 2) return [];
  return counts.filter(([, count]) => count === most).map(([name]) => name);
}

/** Whether a form is written in digits alone. */
export function isPlainNumber(name) {
  return NUMBERS.has(name);
}

/** Whether dates may begin with the day or with the month. */
export const isEither = (forms) => forms.includes("day first") && forms.includes("month first");

/** The time of a cell, in the form of that name; "count" where there is no calendar. Null if it is none. */
export function timeOf(cell, name) {
  if (name !== "count") return readTime(cell, FORMS[name]);
  return COUNT.test(cell) ? { text: cell, local: Number(cell), utc: null } : null;
}

/** Whether a time says how far it is from UTC, as numbers of seconds do. */
export function hasZone(cell, name) {
  return "unit" in FORMS[name] || ZONE.test(cell);
}

/** A time of an answer: ISO 8601, or a count. */
export function timeOfAnswer(value) {
  return typeof value === "number" ? { text: String(value), local: value, utc: null } : timeOf(value, "iso");
}

/** How the service reads a moment: seconds of UTC, or local time of no place in particular. */
export function writeTime(milliseconds, isUtc) {
  return new Date(milliseconds).toISOString().slice(0, 19) + (isUtc ? "Z" : "");
}

/** Milliseconds of UTC at a local time of a zone; of a doubled hour the first. */
export function localToUtc(local, zone) {
  const earlier = local - offsetAt(local - 864e5, zone);
  if (earlier + offsetAt(earlier, zone) === local) return earlier;
  return local - offsetAt(local - offsetAt(local, zone), zone);
}

/** Milliseconds that the clocks of a zone are ahead of UTC. */
export function offsetAt(utc, zone) {
  const part = Object.fromEntries(
    clockOf(zone)
      .formatToParts(utc)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return local - Math.floor(utc / 1000) * 1000;
}

const clocks = new Map(); // they are slow to make

function clockOf(zone) {
  const date = { year: "numeric", month: "numeric", day: "numeric" };
  const time = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" };
  if (!clocks.has(zone)) clocks.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: zone, ...date, ...time }));
  return clocks.get(zone);
}

function readTime(text, { pattern, order, unit, months = 1 }) {
  const found = pattern.exec(text);
  if (found === null) return null;
  if (unit) return { text, local: Number(text) * unit, utc: Number(text) * unit };
  const [year, month, day] = order.map((group) => Number(found[group] ?? 1));
  const [hour, minute, second] = [4, 5, 6].map((group) => Number(found[group] ?? 0));
  const isInside = hour < 24 && minute < 60 && second < 60;
  const first = (month - 1) * months;
  const local = Date.UTC(year, first, day, hour, minute, second);
  const date = new Date(local);
  if (!isInside || date.getUTCMonth() !== first || date.getUTCDate() !== day) return null;
  return { text, local, utc: found[7] ? local - offset(found[7]) : null };
}

/** Milliseconds of an offset such as +02:00. */
function offset(text) {
  if (text === "Z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(-2))];
  return (text[0] === "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
