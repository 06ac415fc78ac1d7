/** Times as people read them. */

/** `02:10` for today, `24 Nov 02:10` for other days. `zone`: IANA name; absent: this machine's. */
export function createShowTime(zone: string | undefined, now: () => number): (at: number) => string {
  const inZone = zone === undefined ? {} : { timeZone: zone };
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...inZone });
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", ...inZone });
  return (at) => (day.format(at) === day.format(now()) ? time.format(at) : `${day.format(at)} ${time.format(at)}`);
}
