const MINUTE = 60_000;
const DAY = 86_400_000;
/** LMP-3.11: the daily check, at 08:01 of the machine's own clock. */
const DAILY = (8 * 60 + 1) * MINUTE;
/** Spread over half an hour, so that a fleet does not come at once. */
const SPREAD = 30 * MINUTE;
/** A machine that was here within this time need not come at the very next 08:01. */
const JUST_HERE = 60 * MINUTE;

/** When an agent is to come back: the next 08:01 of its own day, and a random part of half an hour. Times are epoch ms. */
export function nextCheck(now: number, utcOffsetMinutes: number, random: (size: number) => Uint8Array): number {
  const offset = utcOffsetMinutes * MINUTE;
  const midnight = Math.floor((now + offset) / DAY) * DAY - offset;
  const [high = 0, low = 0] = random(2);
  const jitter = Math.floor(((high * 256 + low) / 65_536) * SPREAD);
  const today = midnight + DAILY;
  return (today > now + JUST_HERE ? today : today + DAY) + jitter;
}
