/** Times as ISO 8601 has them. A time is {text, local, utc}: milliseconds on its own clock, and of UTC or null. */

const ISO = /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?$/;
const COUNT = /^-?\d{1,15}$/;

/** The time of a cell, or null if it is none. hasCalendar: dates; else whole numbers. */
export function timeOf(cell, hasCalendar) {
  if (!hasCalendar) return COUNT.test(cell) ? { text: cell, local: Number(cell), utc: null } : null;
  const found = ISO.exec(cell);
  if (found === null) return null;
  const [year, month, day] = [1, 2, 3].map((group) => Number(found[group] ?? 1));
  const [hour, minute, second] = [4, 5, 6].map((group) => Number(found[group] ?? 0));
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(local);
  const isInside = hour < 24 && minute < 60 && second < 60;
  if (!isInside || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return { text: cell, local, utc: found[7] ? local - offset(found[7]) : null };
}

/** Where a time of the service lies on an axis: seconds, or the count itself. */
export const xOf = (time) => (typeof time === "number" ? time : Date.parse(time + (/T[^Z]*$/.test(time) ? "Z" : "")) / 1000);

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

/** Milliseconds of an offset such as +02:00. */
function offset(text) {
  if (text === "Z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(-2))];
  return (text[0] === "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
