/** What a step of erasing did: a line of the report. */
export interface Told {
  /**
   * `done`: erased, or nothing was there. `stays`: beyond our reach, for good. `again`: not now; running the command again may help.
   */
  readonly state: "done" | "stays" | "again";
  /** `PBX extension 1234`, `Slack`, `store`. */
  readonly where: string;
  /** What was done, or what stays, why, and what to do. */
  readonly what: string;
}

/** `3 chats`, `1 chat`; for plain words. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
