/** Times as people read them. */

/** `02:10` for today, `24 Nov 02:10` for other days. `zone`: IANA name; absent: this machine's. */
export function createShowTime(zone: string | undefined, now: () => number): (at: number) => string {
  const inZone = zone === undefined ? {} : { timeZone: zone };
  const make = () => ({
    day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...inZone }),
    time: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", ...inZone }),
  });
  // Made when first needed: a process's first format takes a twentieth of its start.
  let formats: ReturnType<typeof make> | undefined;
  return (at) => {
    const { day, time } = (formats ??= make());
    return day.format(at) === day.format(now()) ? time.format(at) : `${day.format(at)} ${time.format(at)}`;
  };
}
